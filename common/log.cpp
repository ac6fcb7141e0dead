#include "common/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace fairlead {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

// Quotes and escapes as JSON does; used for both formats, so that no value can forge a second line.
void append_quoted(std::string& out, std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    out.push_back('"');
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out.append("\\n");
        } else if (byte < 0x20 || byte == 0x7f) {
            out.append("\\u00");
            out.push_back(hex[byte >> 4]);
            out.push_back(hex[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

bool is_plain(std::string_view text) {
    if (text.empty()) return false;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '\\' || c == '=') return false;
    }
    return true;
}

void append_value(std::string& out, const LogField& field, LogFormat format) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        if (format == LogFormat::text && is_plain(*text)) {
            out.append(*text);
        } else {
            append_quoted(out, *text);
        }
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        out.append(std::to_string(*number));
    } else if (const auto* real = std::get_if<double>(&field.value)) {
        out.append(fmt::format("{:.6g}", *real));
    } else {
        out.append(std::get<bool>(field.value) ? "true" : "false");
    }
}

std::string format_line(LogFormat format, std::string_view event, std::initializer_list<LogField> fields) {
    std::string line;
    if (format == LogFormat::json) {
        append_quoted(line, event);
    } else {
        line.append(event);
    }
    for (const LogField& field : fields) {
        if (format == LogFormat::json) {
            line.append(", ");
            append_quoted(line, field.key);
            line.append(": ");
        } else {
            line.push_back(' ');
            line.append(field.key);
            line.push_back('=');
        }
        append_value(line, field, format);
    }
    return line;
}

}  // namespace

struct Logger::Impl {
    LogFormat format;
    spdlog::logger sink;

    explicit Impl(LogFormat f)
        : format(f), sink("fairlead", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
        const char* pattern = f == LogFormat::json
                                  ? R"({"time": "%Y-%m-%dT%H:%M:%S.%eZ", "level": "%l", "event": %v})"
                                  : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";
        sink.set_formatter(
            std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
        sink.flush_on(spdlog::level::debug);
    }
};

Logger::Logger(LogFormat format, LogLevel level) : impl_(std::make_unique<Impl>(format)) {
    set_level(level);
}
Logger::~Logger() = default;

bool Logger::enabled(LogLevel level) const {
    return impl_->sink.should_log(to_spdlog(level));
}

void Logger::set_level(LogLevel level) {
    impl_->sink.set_level(to_spdlog(level));
}

void Logger::log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (!enabled(level)) return;
    impl_->sink.log(to_spdlog(level), spdlog::string_view_t(format_line(impl_->format, event, fields)));
}

}  // namespace fairlead

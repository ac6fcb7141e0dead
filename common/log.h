#pragma once

#include "common/log_level.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace fairlead {

/// One `key=value` of a log line.
struct LogField {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
    LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    LogField(std::string_view k, bool v) : key(k), value(v) {}
    LogField(std::string_view k, double v) : key(k), value(v) {}
    template <typename Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
        LogField(std::string_view k, Integer v)
        : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// One line per event, to standard error. Never give it a secret, nor statement text unless the operator
/// asked. Thread-safe; cheap when the level is off.
class Logger {
public:
    Logger(LogFormat format, LogLevel level);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    bool enabled(LogLevel level) const;
    void set_level(LogLevel level);

    /// `event`: a short fixed phrase ("server login failed"), the same for every occurrence, so it can be
    /// counted.
    void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

    void debug(std::string_view event, std::initializer_list<LogField> f = {}) {
        log(LogLevel::debug, event, f);
    }
    void info(std::string_view event, std::initializer_list<LogField> f = {}) {
        log(LogLevel::info, event, f);
    }
    void warning(std::string_view event, std::initializer_list<LogField> f = {}) {
        log(LogLevel::warning, event, f);
    }
    void error(std::string_view event, std::initializer_list<LogField> f = {}) {
        log(LogLevel::error, event, f);
    }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead

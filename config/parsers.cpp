#include "config/parsers.h"

#include "config/environment.h"
#include "config/near_miss.h"
#include "config/units.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace fairlead::config {

void text(const Value& value, std::string& out) {
    if (auto string = read_string(value)) out = *std::move(string);
}

void filled_text(const Value& value, std::string& out) {
    auto string = read_string(value);
    if (!string) return;
    if (string->empty()) return value.mistake("must not be empty");
    out = *std::move(string);
}

void text_list(const Value& value, std::vector<std::string>& out) {
    const auto* list = value.node.as_array();
    if (list == nullptr) return value.wrong_type("a list of strings");
    std::vector<std::string> strings;
    strings.reserve(list->size());
    for (std::size_t i = 0; i < list->size(); ++i) {
        KeyPath path{&value.path, {}, i};
        std::string string;
        filled_text(Value{(*list)[i], path, value.source}, string);
        if (!string.empty()) strings.push_back(std::move(string));
    }
    out = std::move(strings);
}

void text_or_list(const Value& value, std::vector<std::string>& out) {
    if (value.node.is_array()) return text_list(value, out);
    auto string = read_string(value, "a string or a list of strings");
    if (!string) return;
    if (string->empty()) return value.mistake("must not be empty");
    out.assign(1, *std::move(string));
}

void names(const Value& value, std::vector<std::string>& out) {
    const auto* list = value.node.as_array();
    if (list != nullptr && list->empty()) return value.mistake("must not be an empty list");
    text_or_list(value, out);
}

namespace {

/// Why a file cannot be read, or nothing.
std::string unreadable_because(const std::filesystem::path& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return "it is a directory";
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::strerror(errno != 0 ? errno : EIO);
    if (file.peek() == std::ifstream::traits_type::eof()) return "it is empty";
    return {};
}

}  // namespace

void file_path(const Value& value, std::string& out) {
    std::string name;
    filled_text(value, name);
    if (name.empty()) return;
    std::filesystem::path path = (value.source.folder / name).lexically_normal();
    if (auto why = unreadable_because(path); !why.empty())
        return value.mistake("cannot read the file " + raw_text(value) + ": " + why);
    out = path.string();
}

void flag(const Value& value, bool& out) {
    if (const auto* boolean = value.node.as_boolean()) {
        out = boolean->get();
        return;
    }
    const auto* reference = value.node.as_string();
    if (reference == nullptr || !refers_to_environment(reference->get()))
        return value.wrong_type("true or false");
    auto word = read_string(value);
    if (!word) return;
    if (*word != "true" && *word != "false")
        return value.mistake("expected the variable to hold true or false");
    out = *word == "true";
}

namespace detail {

namespace {

std::string expected_number(std::uint64_t least, std::uint64_t most) {
    std::string range = most >= std::numeric_limits<std::uint32_t>::max()
                            ? "of at least " + std::to_string(least)
                            : "from " + std::to_string(least) + " to " + std::to_string(most);
    return "expected a whole number " + range;
}

/// A number that stands in an environment variable; its text is never repeated.
std::optional<std::uint64_t> number_from_environment(const Value& value, std::uint64_t least,
                                                     std::uint64_t most) {
    auto digits = read_string(value);
    if (!digits) return std::nullopt;
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), number);
    bool whole = error == std::errc() && end == digits->data() + digits->size() && !digits->empty();
    if (whole && number >= least && number <= most) return number;
    value.mistake(expected_number(least, most) + " in the environment variable");
    return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> read_number(const Value& value, std::uint64_t least, std::uint64_t most) {
    if (const auto* reference = value.node.as_string();
        reference != nullptr && refers_to_environment(reference->get()))
        return number_from_environment(value, least, most);
    const auto* integer = value.node.as_integer();
    if (integer == nullptr) {
        value.wrong_type("a whole number");
        return std::nullopt;
    }
    std::int64_t number = integer->get();
    if (number >= 0 && static_cast<std::uint64_t>(number) >= least &&
        static_cast<std::uint64_t>(number) <= most)
        return static_cast<std::uint64_t>(number);
    value.mistake(number > 0 && static_cast<std::uint64_t>(number) > most
                      ? "expected a whole number of at most " + std::to_string(most) + ", found " +
                            std::to_string(number)
                      : expected_number(least, most) + ", found " + std::to_string(number));
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> read_duration(const Value& value, std::chrono::milliseconds least) {
    constexpr std::string_view expected =
        "expected a duration such as \"250ms\", \"30s\", \"10m\", \"1h\" or \"2d\"";
    if (const auto* plain = value.node.as_integer()) {
        value.mistake(std::string(expected) + ", found the plain number " + std::to_string(plain->get()) +
                      " without a unit");
        return std::nullopt;
    }
    auto string = read_string(value, expected.substr(std::string_view("expected ").size()));
    if (!string) return std::nullopt;
    auto parsed = parse_duration(*string);
    if (!parsed) {
        value.mistake(std::string(expected) + " (at most ten years), found " + raw_text(value));
        return std::nullopt;
    }
    if (*parsed >= least) return parsed;
    value.mistake("expected a duration of at least " + std::to_string(least.count()) + "ms, found " +
                  raw_text(value));
    return std::nullopt;
}

std::optional<std::uint64_t> read_size(const Value& value, std::uint64_t least) {
    if (value.node.is_integer()) return read_number(value, least, std::numeric_limits<std::int64_t>::max());
    auto string = read_string(value, "a size such as \"128MiB\" or a number of bytes");
    if (!string) return std::nullopt;
    auto parsed = parse_size(*string);
    if (!parsed) {
        value.mistake("expected a size such as \"64KiB\", \"128MiB\" or a number of bytes, found " +
                      raw_text(value));
        return std::nullopt;
    }
    if (*parsed >= least) return parsed;
    value.mistake("expected a size of at least " + std::to_string(least) + " bytes, found " +
                  raw_text(value));
    return std::nullopt;
}

std::optional<std::size_t> read_choice(const Value& value, const std::vector<std::string_view>& names) {
    std::string listed;
    for (auto name : names) listed += (listed.empty() ? "\"" : ", \"") + std::string(name) + "\"";
    auto word = read_string(value, "one of " + listed);
    if (!word) return std::nullopt;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == *word) return i;
    std::string suggestion = value.at().from_environment ? std::string() : near_miss(*word, names);
    value.mistake("expected one of " + listed + ", found " + raw_text(value) + suggestion);
    return std::nullopt;
}

}  // namespace detail
}  // namespace fairlead::config

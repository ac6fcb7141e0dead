#include "config/environment.h"

#include <algorithm>
#include <cstdlib>

namespace fairlead::config {

namespace {

constexpr std::string_view whole_prefix = "env:";
constexpr std::string_view opening = "${";
constexpr std::string_view escaped_opening = "$${";

bool is_variable_name(std::string_view name) {
    auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !name.empty() && letter(name[0]) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

/// A malformed name is not repeated: somebody may have put the secret itself where its name belongs.
Result<std::string> look_up(std::string_view name, const Environment& environment) {
    if (!is_variable_name(name))
        return Error{
            "expected the name of an environment variable (letters, digits, _) in env:NAME or ${NAME}", ""};
    if (auto value = environment(name)) return *std::move(value);
    return Error{"environment variable " + std::string(name) + " is not set", ""};
}

}  // namespace

bool refers_to_environment(std::string_view text) {
    return text.starts_with(whole_prefix) || text.find(opening) != std::string_view::npos;
}

Result<std::string> expand_environment(std::string_view text, const Environment& environment) {
    if (text.starts_with(whole_prefix)) return look_up(text.substr(whole_prefix.size()), environment);
    std::string expanded;
    while (!text.empty()) {
        auto at = text.find(opening);
        if (at == std::string_view::npos) break;
        if (at > 0 && text.substr(at - 1).starts_with(escaped_opening)) {
            expanded.append(text.substr(0, at - 1)).append(opening);
            text.remove_prefix(at + opening.size());
            continue;
        }
        expanded.append(text.substr(0, at));
        text.remove_prefix(at + opening.size());
        auto end = text.find('}');
        if (end == std::string_view::npos)
            return Error{"\"${\" without \"}\"; write \"$${\" for a literal \"${\"", ""};
        auto value = look_up(text.substr(0, end), environment);
        if (!value) return value;
        expanded.append(*value);
        text.remove_prefix(end + 1);
    }
    return expanded.append(text);
}

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
}

}  // namespace fairlead::config

#include "proxy/wire/postgres/startup_options.h"

#include "proxy/wire/postgres/startup.h"

#include <algorithm>

namespace fairlead::proxy::postgres {
namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::vector<std::string> split(std::string_view options) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while (true) {
        while (at < options.size() && is_space(options[at])) ++at;
        if (at == options.size()) return words;
        std::string word;
        for (; at < options.size() && !is_space(options[at]); ++at) {
            if (options[at] == '\\' && ++at == options.size()) break;
            word.push_back(options[at]);
        }
        words.push_back(std::move(word));
    }
}

startup_error refuse_switch(const std::string& word) {
    return {"0A000", "the startup option \"" + word + "\" is not supported",
            "Only settings can be given in options: -c name=value, or --name=value."};
}

/// "name=value"; as on the server, '-' in the name stands for '_'.
std::optional<startup_error> add(const std::string& assignment,
                                 std::vector<std::pair<std::string, std::string>>& settings) {
    std::size_t equals = assignment.find('=');
    if (equals == std::string::npos)
        return startup_error{"42601", "the startup option \"" + assignment + "\" requires a value",
                             "Write -c name=value."};
    std::string name = assignment.substr(0, equals);
    std::replace(name.begin(), name.end(), '-', '_');
    settings.emplace_back(std::move(name), assignment.substr(equals + 1));
    return std::nullopt;
}

}  // namespace

std::optional<startup_error> parse_startup_options(
    std::string_view options, std::vector<std::pair<std::string, std::string>>& settings) {
    std::vector<std::string> words = split(options);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        std::string assignment;
        if (word == "-c") {
            if (i + 1 == words.size())
                return startup_error{"42601", "the startup option -c requires an argument", {}};
            assignment = words[++i];
        } else if (word.starts_with("-c") || (word.starts_with("--") && word.size() > 2)) {
            assignment = word.substr(2);
        } else {
            return refuse_switch(word);
        }
        if (auto error = add(assignment, settings)) return error;
    }
    return std::nullopt;
}

}  // namespace fairlead::proxy::postgres

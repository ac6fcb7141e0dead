#include "dal/estate/mysql/grant.h"

#include "config/snapshot.h"

#include <algorithm>
#include <cctype>

namespace fairlead::dal::mysql {
namespace {

/// The line with everything inside quotes and parentheses blanked, byte for byte: words of the grant are
/// looked for here, so that none is found in the name of a table, an account or a column.
std::string skeleton(std::string_view line) {
    std::string out(line);
    char quote = '\0';
    int depth = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != '\0') {
            if (c == quote) quote = '\0';  // a doubled one opens again at once
        } else if (c == '`' || c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')') {
            --depth;
        } else if (depth == 0) {
            continue;
        }
        out[i] = '.';
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// "SELECT (`a`, `b`), CREATE USER" -> SELECT, CREATE USER
std::vector<std::string> split_privileges(std::string_view text) {
    std::vector<std::string> out;
    const std::string bare = skeleton(text);
    std::size_t begin = 0;
    while (begin <= bare.size()) {
        const std::size_t end = std::min(bare.find(',', begin), bare.size());
        std::string_view word = std::string_view(bare).substr(begin, end - begin);
        word = trimmed(word.substr(0, word.find('.')));  // a column list has become dots
        std::string& name = out.emplace_back(word);
        for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        begin = end + 1;
    }
    return out;
}

/// The quoted or bare name at the start of `text`, which is cut off; nullopt when there is none.
std::optional<std::string> take_name(std::string_view& text) {
    if (text.empty()) return std::nullopt;
    std::string name;
    if (text.front() != '`') {
        const std::size_t end = std::min(text.find_first_of(". "), text.size());
        name = text.substr(0, end);
        text.remove_prefix(end);
        return name;
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] != '`') {
            name += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '`') {
            name += text[i++];
        } else {
            text.remove_prefix(i + 1);
            return name;
        }
    }
    return std::nullopt;
}

bool take_word(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

bool parse_object(std::string_view text, Grant& grant) {
    const bool routine = take_word(text, "FUNCTION ") || take_word(text, "PROCEDURE ") ||
                         take_word(text, "PACKAGE BODY ") || take_word(text, "PACKAGE ");
    take_word(text, "TABLE ");
    const std::optional<std::string> database = take_name(text);
    if (!database || !take_word(text, ".")) return false;
    const bool all = text == "*";
    const std::optional<std::string> object = take_name(text);
    if (!object || !text.empty()) return false;
    grant.database = *database;
    grant.object = all ? "" : *object;
    grant.level = routine ? Grant::Level::routine : all ? Grant::Level::database : Grant::Level::table;
    if (all && *database == "*") grant.level = Grant::Level::global;
    return true;
}

/// The pattern as text in which each place that stands for other characters is '\1' (one) or '\2' (many).
std::string with_wildcards(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
            out += pattern[++i];
        } else if (pattern[i] == '_') {
            out += '\1';
        } else if (pattern[i] == '%') {
            out += '\2';
        } else {
            out += pattern[i];
        }
    }
    return out;
}

}  // namespace

std::optional<Grant> parse_grant(std::string_view line) {
    if (!take_word(line, "GRANT ")) return std::nullopt;
    const std::string bare = skeleton(line);
    const std::size_t to = bare.find(" TO ");
    if (to == std::string::npos) return std::nullopt;
    Grant grant;
    grant.with_grant_option = bare.find(" WITH GRANT OPTION", to) != std::string::npos ||
                              bare.find(" WITH ADMIN OPTION", to) != std::string::npos;
    const std::size_t on = bare.find(" ON ");
    if (on == std::string::npos || on > to) {
        grant.level = Grant::Level::role;
        grant.object = trimmed(line.substr(0, to));
        return grant;
    }
    grant.privileges = split_privileges(line.substr(0, on));
    const std::string_view object = trimmed(line.substr(on + 4, to - on - 4));
    if (grant.privileges.front() == "PROXY") {
        grant.level = Grant::Level::proxy;
        grant.object = object;
        return grant;
    }
    if (!parse_object(object, grant)) return std::nullopt;
    return grant;
}

bool gives_nothing(std::string_view line) {
    return line.starts_with("SET DEFAULT ROLE ") || line.starts_with("REVOKE ");
}

bool stays_within(std::string_view pattern, const std::vector<std::string>& names) {
    const std::string reach = with_wildcards(pattern);
    const std::size_t many = reach.find('\2');
    if (many == std::string::npos) {
        std::string plain = reach;
        std::replace(plain.begin(), plain.end(), '\1', '_');
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& name) { return config::matches_pattern(name, plain); });
    }
    const std::string_view before = std::string_view(reach).substr(0, many);
    const std::string_view after = std::string_view(reach).substr(reach.rfind('\2') + 1);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        const std::size_t id = name.find("{id}");
        return id != std::string::npos && before.starts_with(std::string_view(name).substr(0, id)) &&
               after.ends_with(std::string_view(name).substr(id + 4));
    });
}

}  // namespace fairlead::dal::mysql

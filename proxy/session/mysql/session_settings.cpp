#include "proxy/session/mysql/session_settings.h"

#include "policy/mysql/required_settings.h"
#include "policy/mysql/sql_mode_words.h"
#include "proxy/session/mysql/collation.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::string_view client_set = "character_set_client";
constexpr std::string_view results_set = "character_set_results";
constexpr std::string_view connection_set = "character_set_connection";
constexpr std::string_view connection_collation = "collation_connection";

std::string with_case(std::string_view text, bool upper) {
    std::string out(text);
    for (char& c : out) {
        if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string_view unquoted(std::string_view text) {
    text = trimmed(text);
    bool quoted =
        text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
    return quoted ? text.substr(1, text.size() - 2) : text;
}

bool is_number(std::string_view text) {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// One spelling for each value, so that two clients that mean the same need no SET between them.
std::string canonical(std::string_view name, std::string_view value) {
    bool text =
        name == client_set || name == results_set || name == connection_set || name == connection_collation;
    if (text) return with_case(unquoted(value), false);
    if (name == "sql_mode" && !is_number(unquoted(value)))
        return "'" + with_case(unquoted(value), true) + "'";
    return std::string(trimmed(value));
}

settings_ptr set_one(const settings_ptr& base, std::string_view name, std::string_view value) {
    // Each of the two sets the other one as well, so the last one says it all.
    if (name == connection_set) {
        return with_setting(without_setting(base, connection_collation), name, canonical(name, value));
    }
    if (name == connection_collation) {
        return with_setting(without_setting(base, connection_set), name, canonical(name, value));
    }
    return with_setting(base, name, canonical(name, value));
}

// "utf8mb4", "'utf8mb4' collate utf8mb4_bin"
settings_ptr set_names(settings_ptr base, std::string_view value) {
    std::string_view set = trimmed(value);
    std::string_view collation;
    std::string lower = with_case(set, false);
    if (std::size_t at = lower.find(" collate "); at != std::string::npos) {
        collation = set.substr(at + 9);
        set = set.substr(0, at);
    }
    base = set_one(set_one(base, client_set, set), results_set, set);
    return collation.empty() ? set_one(base, connection_set, set)
                             : set_one(base, connection_collation, collation);
}

settings_ptr reset_one(const settings_ptr& base, std::string_view name, const settings_ptr& on_reset) {
    const std::string* original = find_setting(*on_reset, name);
    if (original != nullptr) return set_one(base, name, *original);
    bool connection = name == connection_set || name == connection_collation;
    std::string_view sibling = name == connection_set ? connection_collation : connection_set;
    if (connection && (original = find_setting(*on_reset, sibling)) != nullptr)
        return set_one(base, sibling, *original);
    return without_setting(base, name);
}

void append_name(std::string& sql, std::string_view name) {
    sql.append(sql.empty() || sql.back() == ' ' ? "" : ",");
    if (!name.starts_with('@')) sql.append("@@session.");
    sql.append(name).push_back('=');
}

bool implied(const settings_map& to, std::string_view name) {
    if (name == connection_set) return find_setting(to, connection_collation) != nullptr;
    return name == connection_collation && find_setting(to, connection_set) != nullptr;
}

std::optional<policy::mysql::client_charset> charset_named(std::string_view name) {
    using policy::mysql::client_charset;
    if (name == "utf8mb4") return client_charset::utf8mb4;
    if (name == "utf8mb3" || name == "utf8") return client_charset::utf8mb3;
    if (name == "latin1") return client_charset::latin1;
    if (name == "ascii") return client_charset::ascii;
    if (name == "binary") return client_charset::binary;
    return std::nullopt;
}

}  // namespace

bool is_required(std::string_view name) {
    std::string assignment = "@@session.";
    assignment.append(name).push_back('=');
    return policy::mysql::required_settings.find(assignment) != std::string_view::npos;
}

settings_ptr startup_settings(std::uint16_t collation, std::string_view sql_mode) {
    collation_name names = find_collation(collation);
    if (names.character_set.empty()) return nullptr;
    settings_ptr settings = set_names(no_settings(), names.character_set);
    if (!names.collation.empty()) settings = set_one(settings, connection_collation, names.collation);
    return set_one(settings, "sql_mode", sql_mode);
}

settings_ptr apply_mysql_change(const settings_ptr& base, const policy::SettingChange& change,
                                const settings_ptr& on_reset) {
    using Kind = policy::SettingChange::Kind;
    if (change.local) return base;
    if (change.kind == Kind::reset_all) return on_reset;
    if (change.name == "names") {
        if (change.kind == Kind::set) return set_names(base, change.value);
        settings_ptr reset = reset_one(base, client_set, on_reset);
        return reset_one(reset_one(reset, results_set, on_reset), connection_set, on_reset);
    }
    if (change.kind == Kind::set) return set_one(base, change.name, change.value);
    return reset_one(base, change.name, on_reset);
}

std::optional<std::string> setting_text(std::string_view reported) {
    if (is_number(reported)) return std::string(reported);
    auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '\'' && c != '\\'; };
    if (!std::all_of(reported.begin(), reported.end(), plain)) return std::nullopt;
    return "'" + std::string(reported) + "'";
}

void append_set(std::string& sql, const settings_map& from, const settings_map& to) {
    settings_difference change = difference(from, to);
    std::string list;
    for (std::string_view name : change.unset) {
        if (implied(to, name)) continue;
        if (is_required(name)) {
            if (!list.empty()) list.push_back(',');
            list.append(policy::mysql::required_settings);
            continue;
        }
        append_name(list, name);
        list.append(name.starts_with('@') ? "NULL" : "DEFAULT");
    }
    for (const auto& [name, value] : change.set) {
        append_name(list, name);
        list.append(value);
    }
    if (!list.empty()) sql.append("SET ").append(list);
}

std::optional<policy::mysql::lex_mode> lex_mode_of(const settings_map& settings,
                                                   policy::mysql::flavour server,
                                                   std::uint32_t server_version) {
    policy::mysql::lex_mode mode;
    mode.server = server;
    mode.server_version = server_version;
    const std::string* set = find_setting(settings, client_set);
    const std::string* words = find_setting(settings, "sql_mode");
    if (set == nullptr || words == nullptr) return std::nullopt;
    auto charset = charset_named(*set);
    if (!charset) return std::nullopt;
    mode.charset = *charset;
    if (is_number(*words)) return std::nullopt;  // the server says the words when it has answered
    if (!policy::mysql::read_sql_mode(unquoted(*words), mode)) return std::nullopt;
    return mode;
}

}  // namespace fairlead::proxy::mysql

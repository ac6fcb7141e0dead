#include "policy/postgres/guard/setting_value.h"

#include "policy/postgres/guard/analysis.h"
#include "policy/postgres/guard/expression_rules.h"
#include "policy/postgres/guard/relation_rules.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace fairlead::policy::postgres::guard {

namespace {

/// The server compares names of encodings by their letters and digits alone: 'utf-8' with the quotes is UTF8
/// too (asyncpg sends it so).
std::string encoding_key(std::string_view name) {
    std::string key;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) key.push_back(c);
    }
    return key;
}

bool needs_quotes(std::string_view identifier) {
    auto plain = [](unsigned char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); };
    return identifier.empty() || (identifier[0] >= '0' && identifier[0] <= '9') ||
           !std::all_of(identifier.begin(), identifier.end(), plain);
}

std::string quoted(std::string_view identifier) {
    if (!needs_quotes(identifier)) return std::string(identifier);
    std::string out = "\"";
    for (char c : identifier) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

bool text_of(const PgQuery__AConst& constant, std::string& out) {
    switch (constant.val_case) {
        case PG_QUERY__A__CONST__VAL_IVAL:
            out = std::to_string(constant.ival->ival);
            return true;
        case PG_QUERY__A__CONST__VAL_FVAL:
            out = text(constant.fval->fval);
            return true;
        case PG_QUERY__A__CONST__VAL_SVAL:
            out = text(constant.sval->sval);
            return true;
        case PG_QUERY__A__CONST__VAL_BOOLVAL:
            out = constant.boolval->boolval != 0 ? "true" : "false";
            return true;
        default:
            return false;
    }
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> wanted) {
    return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool path_entry_allowed(const analysis& a, const std::string& entry) {
    if (entry == "$user" || entry == "pg_catalog") return true;
    if (!a.scope.catalogue) return false;
    const auto& path = a.scope.catalogue->search_path();
    return std::find(path.begin(), path.end(), entry) != path.end();
}

bool names_own_object(const analysis& a, std::string_view name) {
    name_in_literal parsed = schema_of_literal(name);
    return parsed.ok && parsed.schema != "fairlead" && known_schema(a, parsed.schema);
}

}  // namespace

std::string lower_case(std::string_view name) {
    std::string lower(name);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return lower;
}

setting_value value_of(analysis& a, std::string_view setting, PgQuery__Node* const* args, std::size_t count) {
    setting_value value;
    value.ok = count > 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto* constant = as<PgQuery__AConst>(unwrap(args[i]), pg_query__a__const__descriptor);
        std::string part;
        if (constant == nullptr || !text_of(*constant, part)) {
            value.ok = false;
            return value;
        }
        a.examine(constant->location);
        if (i == 0) value.location = constant->location;
        // PostgreSQL quotes the members of the settings that are lists of identifiers.
        if (i > 0) value.joined += ", ";
        value.joined += setting == "search_path" ? quoted(part) : part;
        value.parts.push_back(std::move(part));
    }
    return value;
}

setting_value value_of_text(std::string_view setting, std::string_view value, int location) {
    setting_value result;
    result.joined = value;
    result.location = location;
    if (setting != "search_path") {
        result.parts.emplace_back(value);
        return result;
    }
    std::string part;
    bool quote = false, any = false;
    auto finish = [&] {
        result.ok = result.ok && any;
        result.parts.push_back(part);
        part.clear();
        any = false;
    };
    for (char c : value) {
        if (c == '"') {
            quote = !quote;
            any = true;
        } else if (c == ',' && !quote) {
            finish();
        } else if (quote || std::isspace(static_cast<unsigned char>(c)) == 0) {
            part += quote || c < 'A' || c > 'Z' ? c : static_cast<char>(c + 32);
            any = true;
        }
    }
    finish();
    result.ok = result.ok && !quote;
    return result;
}

bool value_allowed(const analysis& a, const setting_entry& setting, const setting_value& value) {
    if (!value.ok || value.parts.empty()) return false;
    std::string first = lower_case(value.parts.front());
    switch (setting.values) {
        case setting_values::any:
            return true;
        case setting_values::on_only:
            return is_one_of(first, {"on", "true", "yes", "1"});
        case setting_values::ascii_safe_encoding:
            return is_one_of(encoding_key(first), {"utf8", "unicode", "latin1", "iso88591", "sqlascii"});
        case setting_values::message_level:
            return is_one_of(first, {"notice", "warning", "error"});
        case setting_values::search_path:
            return a.pool() &&
                   std::all_of(value.parts.begin(), value.parts.end(),
                               [&](const std::string& entry) { return path_entry_allowed(a, entry); });
        case setting_values::object_name:
            return names_own_object(a, value.parts.front());
    }
    return false;
}

}  // namespace fairlead::policy::postgres::guard

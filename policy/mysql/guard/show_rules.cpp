#include "policy/mysql/guard/show_rules.h"

#include "policy/mysql/guard/exposed_name.h"
#include "policy/mysql/guard/expression_rules.h"
#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/table_rules.h"
#include "policy/mysql/guard/variable_list.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement;

/// What is shown, in lower case, without FULL, SESSION and the like.
std::string subject(const analysis& a, const statement& s) {
    std::string out;
    for (token_index i = s.words.first; i < s.words.end; ++i) {
        std::string word = lower_case(a.text(i));
        bool scope = word == "full" || word == "global" || word == "session" || word == "local";
        if (scope && out.empty()) continue;
        if (!out.empty()) out += ' ';
        out += word;
    }
    return out;
}

template <std::size_t count>
bool is_one_of(std::string_view word, const std::array<std::string_view, count>& list) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// Every name that the condition asks for, as a literal, can be read: LIKE 'name', or WHERE with =, IN and
/// OR.
bool asks_for(const analysis& a, const statement& s, bool (*readable)(std::string_view)) {
    bool any = false;
    for (node_id id = a.tree.next(s.at, s.at); id != no_node; id = a.tree.next(id, s.at)) {
        const node& each = a.at(id);
        switch (each.kind) {
            case node_kind::literal: {
                std::string text(a.text(each.first));
                if (a.tokens[each.first].kind != token_kind::string || each.end != each.first + 1)
                    return false;
                if (!readable(lower_case(std::string_view(text).substr(1, text.size() - 2)))) return false;
                any = true;
                break;
            }
            case node_kind::comparison:
                if (each.operation != parse::op::equal) return false;
                break;
            case node_kind::logical:
                if (each.operation != parse::op::or_) return false;
                break;
            case node_kind::in_list:
                if (each.has(parse::negated)) return false;
                break;
            case node_kind::where_clause:
            case node_kind::column_reference:
            case node_kind::parenthesised:
            case node_kind::row:
            case node_kind::like:
                break;
            default:
                return false;
        }
    }
    return any;
}

bool is_readable_variable(std::string_view text) {
    std::string pattern;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text.substr(i, 2) != "\\_") pattern += text[i];
    // `_` in a pattern matches any character, so of the names that are like it all must be readable; those
    // with the same length and an underscore are themselves.
    return pattern.find('%') == std::string_view::npos &&
           (find_settable(pattern) != nullptr || is_readable(pattern));
}

bool is_readable_status(std::string_view name) {
    constexpr std::array<std::string_view, 3> names = {"ssl_cipher", "ssl_version", "ssl_server_not_after"};
    return is_one_of(name, names);
}

void refuse_show(analysis& a, const statement& s, const std::string& what) {
    a.refuse(rule::show_statement, "SHOW " + what + " is refused for " + std::string(a.whom()), s.verb);
}

/// The names of all databases are the names of other tenants.
void show_databases(analysis& a, const statement& s) {
    const node& show = a.at(s.at);
    if (show.first_child != no_node) return refuse_show(a, s, "DATABASES with a condition");
    a.edits.replace(show.first, show.end, "SELECT " + exposed_name(a) + " AS `Database`");
}

/// SHOW CREATE DATABASE by the name that clients know, as the server would write it: programs that dump read
/// it.
void show_create_database(analysis& a, const statement& s) {
    const std::string name = exposed_name(a);
    const std::string condition = a.is_word(s.words.end, "if") ? "/*!32312 IF NOT EXISTS*/ " : "";
    const node& show = a.at(s.at);
    a.edits.replace(show.first, show.end,
                    "SELECT " + name + " AS `Database`, CONCAT('CREATE DATABASE " + condition +
                        "`', REPLACE(" + name +
                        ", '`', '``'), '` /*!40100 DEFAULT CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, "
                        "' COLLATE ', DEFAULT_COLLATION_NAME, ' */') AS `Create Database` FROM "
                        "information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()");
}

bool passes_in_pool(const analysis& a, const statement& s, const std::string& what) {
    constexpr std::array<std::string_view, 9> harmless = {"tables",  "columns",         "fields",
                                                          "charset", "collation",       "character set",
                                                          "engines", "storage engines", "privileges"};
    if (what == "variables") return asks_for(a, s, is_readable_variable);
    if (what == "status") return asks_for(a, s, is_readable_status);
    return is_one_of(what, harmless);
}

/// Routines of all databases: the condition becomes one on the own database.
void show_routines(analysis& a, const statement& s) {
    a.edits.replace(s.words.end, a.at(s.at).end, " WHERE Db = DATABASE()");
}

bool is_routine_status(std::string_view what) {
    constexpr std::array<std::string_view, 4> kinds = {"function status", "procedure status",
                                                       "package status", "package body status"};
    return is_one_of(what, kinds);
}

/// SHOW CREATE PROCEDURE p: a name with a database leads out.
bool is_own_routine(const analysis& a, const statement& s, const std::string& what) {
    if (!what.starts_with("create procedure") && !what.starts_with("create function")) return false;
    for (token_index i = s.words.first; i < a.at(s.at).end; ++i)
        if (a.text(i) == ".") return false;
    return true;
}

bool passes_in_bridge(const analysis& a, const statement& s, const std::string& what) {
    constexpr std::array<std::string_view, 10> own = {
        "variables", "index",        "indexes",         "keys",         "create table", "create view",
        "triggers",  "table status", "create database", "create schema"};
    return passes_in_pool(a, s, what) || is_one_of(what, own) || is_own_routine(a, s, what);
}

}  // namespace

void check_show(analysis& a, const statement& s) {
    const std::string what = subject(a, s);
    const node& show = a.at(s.at);
    a.examine_all(show.first, show.end);
    if (what.find("warnings") != std::string::npos || what.find("errors") != std::string::npos) {
        a.verdict.reads_previous = a.verdict.reads_previous | Previous::diagnostics;
        return;
    }
    a.touches_data = true;
    if (!a.silo()) {
        if (what == "databases" || what == "schemas") return show_databases(a, s);
        if (a.bridge() && is_routine_status(what)) return show_routines(a, s);
        bool passes = a.pool() ? passes_in_pool(a, s, what) : passes_in_bridge(a, s, what);
        if (!passes) return refuse_show(a, s, what);
        if (has_query(a, s.at)) return refuse_show(a, s, what + " with a query");
    }
    bool database = what == "create database" || what == "create schema";
    if (database && has_another_name(a) && a.is_own_database(a.name(s.name)))
        return show_create_database(a, s);
    bool has_table = show.first_child != no_node && a.at(show.first_child).kind == node_kind::table;
    if (!has_table && s.name != no_token && !a.own_qualifier(s.name)) return;
    resolve_tables(a, s.at);
    if (!a.refused()) check_expressions(a, s.at);
}

}  // namespace fairlead::policy::mysql::guard

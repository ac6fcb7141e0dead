#include "policy/mysql/guard/setting_rules.h"

#include "policy/mysql/guard/expression_rules.h"
#include "policy/mysql/guard/filter_rules.h"
#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/setting_value.h"
#include "policy/mysql/guard/sql_mode.h"
#include "policy/mysql/guard/table_rules.h"
#include "policy/mysql/guard/variable_list.h"
#include "policy/mysql/guard/variable_rules.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::variable_scope;

constexpr std::string_view tenant_variable = "fairlead_tenant";

void remember(analysis& a, std::string name, std::string value) {
    a.verdict.settings.push_back({SettingChange::Kind::set, false, std::move(name), std::move(value)});
}

void remember_reset(analysis& a, std::string name) {
    a.verdict.settings.push_back({SettingChange::Kind::reset, false, std::move(name), {}});
}

/// A setting that is not kept by name and value: on a server of one's own the connection stays.
void not_restorable(analysis& a, rule why, std::string message, token_index at) {
    if (!a.silo()) return a.refuse(why, std::move(message), at);
    a.pin(Pin::setting);
    a.verdict.may_change_mode = true;
}

bool is_on(std::string_view text) {
    return text == "1" || same_word(text, "on") || same_word(text, "true");
}

bool is_off(std::string_view text) {
    return text == "0" || same_word(text, "off") || same_word(text, "false");
}

bool is_isolation(std::string_view text) {
    return same_word(text, "read-uncommitted") || same_word(text, "read-committed") ||
           same_word(text, "repeatable-read") || same_word(text, "serializable");
}

bool takes(setting_values values, const constant_value& value) {
    switch (values) {
        case setting_values::constant:
            return true;
        case setting_values::sql_mode:
            return are_allowed_modes(value.text);
        case setting_values::charset:
            return same_word(value.text, "null") || is_allowed_charset(lower_case(value.text));
        case setting_values::collation:
            return is_allowed_collation(lower_case(value.text));
        case setting_values::on_only:
            return is_on(value.text);
        case setting_values::off_only:
            return is_off(value.text);
        case setting_values::isolation:
            return is_isolation(value.text);
    }
    return false;
}

bool is_character_set(setting_values values) {
    return values == setting_values::charset || values == setting_values::collation;
}

rule rule_of(setting_values values) {
    if (values == setting_values::sql_mode) return rule::sql_mode;
    return is_character_set(values) ? rule::character_set : rule::session_setting;
}

bool is_lexical(std::string_view name) {
    return name == "sql_mode" || name == "character_set_client";
}

/// With @@ and no scope these are for the next transaction only (measured).
bool is_one_shot(const analysis& a, const node& variable, std::string_view name) {
    bool transaction = name == "tx_isolation" || name == "tx_read_only" || name == "transaction_isolation" ||
                       name == "transaction_read_only";
    return transaction && a.tokens[variable.first].kind == token_kind::system_variable &&
           static_cast<variable_scope>(variable.detail) == variable_scope::none;
}

void change(analysis& a, const node& variable, std::string name, const constant_value& value) {
    if (is_one_shot(a, variable, name)) {
        a.verdict.transaction = TransactionEffect::characteristics;
        return;
    }
    if (value.is_default) return remember_reset(a, std::move(name));
    remember(a, std::move(name), value.sql);
}

/// SET time_zone = @old_time_zone, as dumps do: the server tells what it came to. Of a character set it tells
/// so only while nothing else in the statement may change it unseen: see check_what_is_told.
void leave_to_server(analysis& a, const std::string& name, setting_values values, node_id expression) {
    const node& value = a.at(expression);
    if (!is_character_set(values)) {
        a.verdict.may_change_mode = true;
    } else if (value.kind == node_kind::user_variable || value.kind == node_kind::system_variable) {
        remember_reset(a, name);
    } else {
        a.refuse(rule::character_set,
                 "SET " + name + ": the value is neither a plain constant nor a variable", value.first);
    }
}

/// What a character set became is taken from the server's report, but not behind hidden code: what that
/// reports may be the value inside of it. A character set that is not known makes another text of the next.
void check_what_is_told(analysis& a, const node& set) {
    if (a.silo() || !a.verdict.may_change_mode) return;
    for (const SettingChange& change : a.verdict.settings)
        if (change.kind == SettingChange::Kind::reset &&
            (change.name.starts_with("character_set_") || change.name.starts_with("collation_")))
            return a.refuse(rule::setting_in_batch,
                            "SET " + change.name + " together with what may change it", set.first);
}

void check_value(analysis& a, const node& variable, const std::string& name, const variable_entry* entry,
                 node_id expression) {
    setting_values values = entry != nullptr ? entry->values : setting_values::constant;
    auto value = constant_of(a, expression);
    if (!value && values == setting_values::sql_mode)
        if (auto added = modes_added(a, expression)) return remember(a, name, *added);
    if (!value && a.bridge()) return leave_to_server(a, name, values, expression);
    if (!value)
        return not_restorable(a, rule_of(values), "SET " + name + ": the value is not a plain constant",
                              a.at(expression).first);
    bool refused = !value->is_default && !takes(values, *value);
    if (refused)
        return not_restorable(a, rule_of(values), "SET " + name + " = " + value->sql + " is refused",
                              a.at(expression).first);
    change(a, variable, name, *value);
}

/// Of tenants with a database of their own: variables that reach beyond their own session.
bool reaches_server(std::string_view name) {
    return name.starts_with("gtid") || name.starts_with("binlog") || name.starts_with("pseudo") ||
           name.starts_with("sql_log") || name.starts_with("debug") || name.starts_with("session_track") ||
           name.ends_with("max_mem_size") || name == "max_session_mem_used" || name.starts_with("wsrep") ||
           name.starts_with("skip_") || name == "server_id" || name == "completion_type" ||
           name == "profiling" || name.ends_with("storage_engine");
}

/// True if a tenant on a shared server would take more memory of it than it may. What the value comes to has
/// to be seen, so it is a number.
bool refuse_memory(analysis& a, const std::string& name, node_id expression) {
    if (!a.bridge() || !is_amount_of_memory(name)) return false;
    auto value = constant_of(a, expression);
    if (value && value->is_default) return false;
    std::uint64_t bytes = 0;
    if (value) {
        const char* end = value->text.data() + value->text.size();
        auto [at, problem] = std::from_chars(value->text.data(), end, bytes);
        if (problem == std::errc() && at == end && bytes <= most_memory) return false;
    }
    a.refuse(rule::session_setting,
             "SET " + name + " takes a number up to " + std::to_string(most_memory) + " for " +
                 std::string(a.whom()),
             a.at(expression).first);
    return true;
}

void check_system_variable(analysis& a, const node& variable, node_id value, bool only) {
    std::string name = lower_case(a.name(variable.name));
    if (!only && is_lexical(name))
        return not_restorable(a, rule::setting_in_batch, "SET " + name + " among other statements",
                              variable.first);
    auto scope = static_cast<variable_scope>(variable.detail);
    bool global = scope == variable_scope::global || scope == variable_scope::persist ||
                  scope == variable_scope::persist_only;
    if (global) {
        if (!a.silo())
            a.refuse(rule::global_setting, "SET GLOBAL is refused for " + std::string(a.whom()),
                     variable.first);
        return;
    }
    const variable_entry* entry = find_settable(name);
    bool known = entry != nullptr || !(a.pool() || (a.bridge() && reaches_server(name)));
    if (!known || variable.has(parse::keyword_syntax))
        return not_restorable(a, rule::session_setting,
                              "SET " + name + " is refused for " + std::string(a.whom()), variable.first);
    if (!refuse_memory(a, name, value)) check_value(a, variable, name, entry, value);
}

/// Names that `SET @name = ...` takes without quotes; others are left to the server and pinned.
bool is_simple_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '$' || c == '.';
    });
}

void check_user_variable(analysis& a, token_index token, node_id expression) {
    check_variable_name(a, token);
    std::string name = variable_name(a, token);
    auto value = constant_of(a, expression);
    bool constant = value && !value->is_default && is_simple_name(name) &&
                    a.at(expression).kind != node_kind::column_reference;
    if (constant)
        remember(a, "@" + name, value->sql);
    else
        a.pin(Pin::user_variable);
}

void set_tenant(analysis& a, node_id expression, bool only) {
    auto value = constant_of(a, expression);
    token_index at = a.at(expression).first;
    if (!only)
        return a.refuse(rule::session_command_in_batch,
                        "SET @fairlead_tenant together with other settings or statements", at);
    if (!value || !value->is_string)
        return a.refuse(rule::tenant_variable, "SET @fairlead_tenant takes a plain string", at);
    a.verdict.command = SessionCommand::set_tenant;
    a.verdict.command_name = value->text;
    a.verdict.name_begin = a.tokens[at].begin;
    a.verdict.name_end = a.tokens[at].end;
}

void check_character_set(analysis& a, const node& names, bool only) {
    if (!only)
        return not_restorable(a, rule::setting_in_batch, "a character set among other statements",
                              names.first);
    if (a.is_word(names.name, "default")) {
        for (auto name : {"character_set_client", "character_set_connection", "character_set_results"})
            remember_reset(a, name);
        return;
    }
    std::string charset(a.text(names.name));
    if (a.tokens[names.name].kind == token_kind::string) charset = charset.substr(1, charset.size() - 2);
    charset = lower_case(charset);
    std::string collation;
    if (names.end > names.name + 2) {  // COLLATE b
        collation = a.text(names.end - 1);
        if (a.tokens[names.end - 1].kind == token_kind::string)
            collation = collation.substr(1, collation.size() - 2);
        collation = lower_case(collation);
    }
    bool default_collation = collation.empty() || collation == "default";
    if (!is_allowed_charset(charset) || (!default_collation && !is_allowed_collation(collation)))
        return not_restorable(a, rule::character_set, "character set " + charset + " is refused", names.name);
    remember(a, "character_set_client", "'" + charset + "'");
    remember(a, "character_set_results", "'" + charset + "'");
    if (!a.is_word(names.first, "names"))
        remember(a, "collation_connection", "@@collation_database");
    else if (default_collation)
        remember(a, "character_set_connection", "'" + charset + "'");
    else
        remember(a, "collation_connection", "'" + collation + "'");
}

/// What is assigned may hold queries, and those name tables like any other's.
void check_assigned(analysis& a, node_id value) {
    if (has_query(a, value)) {
        if (a.pool())
            return a.refuse(rule::unknown_syntax, "SET with a query is refused for " + std::string(a.whom()),
                            a.at(value).first);
        resolve_tables(a, value);
    }
    if (!a.refused()) check_expression(a, value);
    if (!a.refused()) filter_tables(a, value);
}

void check_assignment(analysis& a, node_id assignment, bool only, bool alone) {
    node_id target = a.at(assignment).first_child;
    node_id value = a.at(target).next_sibling;
    const node& variable = a.at(target);
    bool user = variable.kind == node_kind::user_variable;
    if (user && variable_name(a, variable.first) == tenant_variable)
        return set_tenant(a, value, only && alone);
    check_assigned(a, value);
    if (a.refused()) return;
    if (user)
        check_user_variable(a, variable.first, value);
    else
        check_system_variable(a, variable, value, only);
}

}  // namespace

void check_set(analysis& a, const parse::statement& statement, bool only) {
    const node& set = a.at(statement.at);
    a.examine_all(set.first, set.end);
    bool one = set.first_child == set.last_child;
    for (node_id each = set.first_child; each != no_node && !a.refused(); each = a.at(each).next_sibling) {
        if (a.at(each).kind == node_kind::character_set)
            check_character_set(a, a.at(each), only);
        else if (a.at(each).kind == node_kind::assignment)
            check_assignment(a, each, only, one);
        else
            a.refuse(rule::unknown_syntax, "a part of SET", a.at(each).first);
    }
    if (!a.refused()) check_what_is_told(a, set);
}

void check_set_statement(analysis& a, const parse::statement& statement) {
    if (a.pool())
        return a.refuse(rule::session_setting, "SET STATEMENT is refused for " + std::string(a.whom()),
                        statement.verb);
    a.verdict.may_change_mode = true;
    for (node_id each = a.at(statement.at).first_child; each != no_node && !a.refused();
         each = a.at(each).next_sibling) {
        if (a.at(each).kind != node_kind::assignment) continue;
        const node& variable = a.at(a.at(each).first_child);
        std::string name = lower_case(a.name(variable.name));
        bool lexical =
            name == "sql_mode" || name.starts_with("character_set") || name.starts_with("collation");
        if (a.bridge() && (lexical || reaches_server(name)))
            a.refuse(rule::session_setting, "SET STATEMENT " + name + " is refused", variable.first);
        refuse_memory(a, name, variable.next_sibling);
        check_assigned(a, variable.next_sibling);
        a.verdict.settings.push_back({SettingChange::Kind::set, true, std::move(name), {}});
    }
}

void check_set_transaction(analysis& a, const parse::statement& statement) {
    const node& set = a.at(statement.at);
    token_index next = set.first + 1;
    bool session = a.is_word(next, "session") || a.is_word(next, "local");
    if (a.is_word(next, "global")) {
        if (!a.silo()) a.refuse(rule::global_setting, "SET GLOBAL TRANSACTION is refused", next);
        return;
    }
    if (!session) {
        a.verdict.transaction = TransactionEffect::characteristics;
        return;
    }
    // The variables' names are those of the server's version.
    bool newer = a.speaker.mode.server == flavour::mysql || a.scope.server_version >= 110100;
    const std::string prefix = newer ? "transaction_" : "tx_";
    for (token_index i = next; i < set.end; ++i) {
        if (a.is_word(i, "only")) remember(a, prefix + "read_only", "1");
        if (a.is_word(i, "write")) remember(a, prefix + "read_only", "0");
        if (a.is_word(i, "uncommitted")) remember(a, prefix + "isolation", "'READ-UNCOMMITTED'");
        if (a.is_word(i, "committed")) remember(a, prefix + "isolation", "'READ-COMMITTED'");
        if (a.is_word(i, "repeatable")) remember(a, prefix + "isolation", "'REPEATABLE-READ'");
        if (a.is_word(i, "serializable")) remember(a, prefix + "isolation", "'SERIALIZABLE'");
    }
}

}  // namespace fairlead::policy::mysql::guard

#include "policy/postgres/guard/setting_rules.h"

#include "policy/postgres/guard/expression_rules.h"
#include "policy/postgres/guard/setting_list.h"
#include "policy/postgres/guard/setting_value.h"
#include "policy/postgres/guard/walker.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fairlead::policy::postgres::guard {

namespace {

bool is_role(std::string_view name) {
    return name == "role" || name == "session_authorization";
}

/// Names that no reach may touch: Fairlead's own, and with plain-variable policies the variable that holds
/// the tenant.
bool refuse_reserved(analysis& a, const std::string& name, int location) {
    bool context =
        a.pool() && !a.scope.context_variable.empty() && name == lower_case(a.scope.context_variable);
    if (!name.starts_with("fairlead.") && !context) return false;
    a.refuse(rule::fairlead_setting, "setting \"" + name + "\" belongs to Fairlead", location);
    return true;
}

/// True if `name` may be changed at all in this reach; refuses it otherwise.
const setting_entry* changeable(analysis& a, const std::string& name, int location) {
    const setting_entry* entry = find_setting(name);
    if (is_role(name)) {
        a.refuse(rule::role_change, "changing " + name + " is refused for " + std::string(whom(a.where)),
                 location);
        return nullptr;
    }
    bool own_path = a.where == reach::own_schema && name == "search_path";
    if (entry == nullptr || own_path) {
        a.refuse(rule::session_setting,
                 "setting \"" + name + "\" cannot be changed by " + std::string(whom(a.where)), location,
                 own_path ? "The proxy sets search_path to the tenant's own schema." : "");
        return nullptr;
    }
    return entry;
}

void record(analysis& a, SettingChange::Kind kind, std::string name, std::string value, bool local) {
    a.verdict.settings.push_back({kind, local, std::move(name), std::move(value)});
}

void check_change(analysis& a, const std::string& name, const setting_value& value, bool local) {
    if (refuse_reserved(a, name, value.location)) return;
    if (!a.strict()) {
        // Everything but roles can be put back with set_config() on another connection.
        if (!value.ok || is_role(name) || name.starts_with("transaction_"))
            a.pin(Pin::setting);
        else
            record(a, SettingChange::Kind::set, name, value.joined, local);
        return;
    }
    const setting_entry* entry = changeable(a, name, value.location);
    if (entry == nullptr) return;
    if (!value_allowed(a, *entry, value))
        return a.refuse(rule::session_setting,
                        "this value of setting \"" + name + "\" is refused for " + std::string(whom(a.where)),
                        value.location);
    record(a, SettingChange::Kind::set, name, value.joined, local);
}

void check_reset(analysis& a, const std::string& name, bool local) {
    if (refuse_reserved(a, name, -1)) return;
    if (a.strict() && changeable(a, name, -1) == nullptr) return;
    if (!a.strict() && is_role(name)) return a.pin(Pin::setting);
    record(a, SettingChange::Kind::reset, name, {}, local);
}

/// SET SESSION CHARACTERISTICS AS TRANSACTION: the defaults of later transactions.
void check_characteristics(analysis& a, const PgQuery__VariableSetStmt& statement) {
    for (std::size_t i = 0; i < statement.n_args; ++i) {
        auto* mode = as<PgQuery__DefElem>(unwrap(statement.args[i]), pg_query__def_elem__descriptor);
        if (mode == nullptr) continue;
        std::string name = "default_" + std::string(text(mode->defname));
        setting_value value = value_of(a, name, &mode->arg, mode->arg == nullptr ? 0 : 1);
        if (name != "default_transaction_isolation" && !value.parts.empty())
            value.joined = value.parts.front() == "0" ? "off" : "on";
        check_change(a, name, value, false);
    }
}

void check_multi(analysis& a, const PgQuery__VariableSetStmt& statement) {
    std::string_view name = text(statement.name);
    if (name == "TRANSACTION") {
        a.verdict.transaction = TransactionEffect::characteristics;
        return;
    }
    if (name == "SESSION CHARACTERISTICS") return check_characteristics(a, statement);
    // TRANSACTION SNAPSHOT: another session's view of the data.
    if (a.strict())
        a.refuse(rule::snapshot, "SET TRANSACTION SNAPSHOT is refused for " + std::string(whom(a.where)));
    a.verdict.transaction = TransactionEffect::characteristics;
}

void check_tenant(analysis& a, const PgQuery__VariableSetStmt& statement) {
    setting_value value = value_of(a, "fairlead.tenant", statement.args, statement.n_args);
    if (!value.ok || value.parts.size() != 1 || statement.is_local != 0)
        return a.refuse(rule::fairlead_setting, "fairlead.tenant takes one tenant, for the session",
                        value.location);
    a.verdict.command = SessionCommand::set_tenant;
    a.verdict.command_name = value.parts.front();
    if (auto index = token_at(a.tokens, static_cast<std::uint32_t>(value.location))) {
        a.verdict.name_begin = a.tokens[*index].begin;
        a.verdict.name_end = a.tokens[*index].end;
    }
}

bool is_plain(const PgQuery__SelectStmt& s) {
    return s.op == PG_QUERY__SET_OPERATION__SETOP_NONE && s.n_from_clause == 0 && s.where_clause == nullptr &&
           s.having_clause == nullptr && s.n_group_clause == 0 && s.n_distinct_clause == 0 &&
           s.n_values_lists == 0 && s.limit_count == nullptr && s.limit_offset == nullptr &&
           s.with_clause == nullptr && s.into_clause == nullptr && s.n_sort_clause == 0 &&
           s.n_window_clause == 0;
}

/// The three arguments of a set_config() call, if all are constants.
bool constant_arguments(const PgQuery__FuncCall& call, literal& name, literal& value, bool& local) {
    bool plain = call.agg_filter == nullptr && call.over == nullptr && call.n_agg_order == 0 &&
                 call.agg_distinct == 0 && call.func_variadic == 0 && call.n_args == 3;
    if (!plain) return false;
    name = string_literal(unwrap(call.args[0]));
    value = string_literal(unwrap(call.args[1]));
    auto* third = as<PgQuery__AConst>(unwrap(call.args[2]), pg_query__a__const__descriptor);
    if (!name.found || !value.found || third == nullptr || third->val_case != PG_QUERY__A__CONST__VAL_BOOLVAL)
        return false;
    local = third->boolval->boolval != 0;
    return true;
}

bool is_set_config(const PgQuery__FuncCall& call) {
    qualified_name name = qualified(call.funcname, call.n_funcname);
    return name.name == "set_config" && (name.schema.empty() || name.schema == "pg_catalog");
}

void check_current_setting(walker& w, const PgQuery__FuncCall& call) {
    literal name = call.n_args > 0 ? string_literal(unwrap(call.args[0])) : literal{};
    if (name.found) {
        w.a.examine(name.location);
        std::string setting = lower_case(name.value);
        if (refuse_reserved(w.a, setting, name.location)) return;
        if (!w.a.strict() || is_readable_setting(setting)) return;
    } else if (w.a.where == reach::own_server || w.a.where == reach::own_database) {
        return;
    }
    w.a.refuse(rule::session_setting,
               name.found ? "setting \"" + std::string(name.value) + "\" cannot be read by " +
                                std::string(whom(w.a.where))
                          : std::string("current_setting() needs the setting's name as a constant"),
               call.location);
}

}  // namespace

void check_set(analysis& a, const PgQuery__VariableSetStmt& statement) {
    std::string name = lower_case(text(statement.name));
    switch (statement.kind) {
        case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE:
            if (name == "fairlead.tenant") return check_tenant(a, statement);
            return check_change(a, name, value_of(a, name, statement.args, statement.n_args),
                                statement.is_local != 0);
        case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
        case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
            return check_reset(a, name, statement.is_local != 0);
        case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
            return record(a, SettingChange::Kind::reset_all, {}, {}, false);
        case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
            return check_multi(a, statement);
        default:
            return a.refuse(rule::unknown_syntax, "this form of SET is refused");
    }
}

void check_show(analysis& a, const PgQuery__VariableShowStmt& statement) {
    std::string name = lower_case(text(statement.name));
    if (refuse_reserved(a, name, -1) || !a.strict() || is_readable_setting(name)) return;
    a.refuse(rule::session_setting,
             name == "all" ? "SHOW ALL is refused for " + std::string(whom(a.where))
                           : "setting \"" + name + "\" cannot be shown to " + std::string(whom(a.where)));
}

void check_setting_function(walker& w, const PgQuery__FuncCall& function) {
    if (!is_set_config(function)) return check_current_setting(w, function);
    const auto& accepted = w.accepted_set_config;
    if (std::find(accepted.begin(), accepted.end(), &function) != accepted.end()) return;
    literal name = function.n_args > 0 ? string_literal(unwrap(function.args[0])) : literal{};
    if (name.found) w.a.examine(name.location);
    if (name.found && refuse_reserved(w.a, lower_case(name.value), function.location)) return;
    if (!w.a.strict()) return w.a.pin(Pin::setting);
    w.a.refuse(rule::session_setting,
               "set_config() is refused for " + std::string(whom(w.a.where)) +
                   " unless it stands alone with constants",
               function.location, "Use SET, or SELECT set_config('name', 'value', false) with constants.");
}

void accept_plain_set_config(walker& w, const PgQuery__SelectStmt& select) {
    if (!is_plain(select)) return;
    for (std::size_t i = 0; i < select.n_target_list; ++i) {
        auto* target =
            as<PgQuery__ResTarget>(unwrap(select.target_list[i]), pg_query__res_target__descriptor);
        auto* call = target == nullptr
                         ? nullptr
                         : as<PgQuery__FuncCall>(unwrap(target->val), pg_query__func_call__descriptor);
        literal name, value;
        bool local = false;
        if (call == nullptr || !is_set_config(*call) || !constant_arguments(*call, name, value, local))
            continue;
        w.a.examine(name.location);
        w.a.examine(value.location);
        std::string setting = lower_case(name.value);
        check_change(w.a, setting, value_of_text(setting, value.value, value.location), local);
        w.accepted_set_config.push_back(call);
    }
}

}  // namespace fairlead::policy::postgres::guard

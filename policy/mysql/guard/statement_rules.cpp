#include "policy/mysql/guard/statement_rules.h"

#include "policy/mysql/guard/definition_rules.h"
#include "policy/mysql/guard/expression_rules.h"
#include "policy/mysql/guard/filter_rules.h"
#include "policy/mysql/guard/insert_rules.h"
#include "policy/mysql/guard/name_rules.h"
#include "policy/mysql/guard/session_rules.h"
#include "policy/mysql/guard/setting_rules.h"
#include "policy/mysql/guard/show_rules.h"
#include "policy/mysql/guard/table_rules.h"
#include "policy/mysql/guard/transaction_rules.h"
#include "policy/mysql/guard/update_rules.h"

#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement;
using parse::statement_kind;

void check_write(analysis& a, const statement& s) {
    if (s.kind == statement_kind::insert || s.kind == statement_kind::replace) check_insert(a, s);
    if (s.kind == statement_kind::update) check_update(a, s);
    if (s.kind == statement_kind::delete_) check_delete(a, s);
}

void check_rows(analysis& a, const statement& s) {
    a.touches_data = true;
    resolve_tables(a, s.at);
    if (!a.refused()) check_expressions(a, s.at);
    if (a.refused()) return;
    filter_tables(a, s.at);
    if (a.pool() && !a.refused()) check_write(a, s);
    if (!a.refused()) keep_column_names(a, s.at);
}

void check_explain(analysis& a, const statement& s, bool only) {
    if (a.pool() && (s.flags & parse::executes) != 0)
        return a.refuse(rule::explain_analyze, "ANALYZE is refused for " + std::string(a.whom()), s.verb);
    for (node_id child = a.at(s.at).first_child; child != no_node; child = a.at(child).next_sibling)
        if (a.at(child).kind == node_kind::statement) check_statement(a, child, only);
}

void check_load(analysis& a, const statement& s) {
    a.touches_data = true;
    bool local = (s.flags & parse::local_file) != 0;
    if (a.pool())
        return a.refuse(rule::load_data, "LOAD DATA is refused for " + std::string(a.whom()), s.verb);
    if (!local && a.bridge())
        return a.refuse(rule::server_file, "LOAD DATA without LOCAL reads the server's files", s.verb);
    a.verdict.local_infile = local;
    resolve_tables(a, s.at);
    if (!a.refused()) check_expressions(a, s.at);
}

/// DO and CALL: expressions without a query around them.
void check_call(analysis& a, const statement& s) {
    a.touches_data = true;
    if (a.pool()) {
        bool call = s.kind == statement_kind::call;
        return a.refuse(call ? rule::procedure_call : rule::unknown_syntax,
                        std::string(call ? "CALL" : "DO") + " is refused for " + std::string(a.whom()),
                        s.verb);
    }
    if (s.kind == statement_kind::call) {
        a.verdict.may_change_mode = true;
        a.pin(Pin::user_variable);  // SELECT ... INTO @a in a routine is not reported (measured)
        bool qualified = s.name != no_token && s.name > s.verb + 1;
        if (qualified && !a.own_qualifier(s.verb + 1)) return;
    }
    resolve_tables(a, s.at);
    if (!a.refused()) check_expressions(a, s.at);
}

void check_describe(analysis& a, const statement& s) {
    a.touches_data = true;
    resolve_tables(a, s.at);
}

}  // namespace

void check_statement(analysis& a, node_id id, bool only) {
    const statement& s = a.tree.statements[a.at(id).detail];
    switch (s.kind) {
        case statement_kind::select:
        case statement_kind::insert:
        case statement_kind::replace:
        case statement_kind::update:
        case statement_kind::delete_:
            return check_rows(a, s);
        case statement_kind::load_data:
            return check_load(a, s);
        case statement_kind::do_:
        case statement_kind::call:
            return check_call(a, s);
        case statement_kind::explain:
            return check_explain(a, s, only);
        case statement_kind::describe:
            return check_describe(a, s);
        case statement_kind::set:
            return check_set(a, s, only);
        case statement_kind::set_transaction:
            return check_set_transaction(a, s);
        case statement_kind::set_statement:
            check_set_statement(a, s);
            if (!a.refused()) check_explain(a, s, only);
            return;
        case statement_kind::show:
            return check_show(a, s);
        case statement_kind::begin:
        case statement_kind::commit:
        case statement_kind::rollback:
        case statement_kind::savepoint:
        case statement_kind::rollback_to:
        case statement_kind::release_savepoint:
        case statement_kind::xa:
            return check_transaction(a, s);
        case statement_kind::create_temporary_table:
        case statement_kind::drop_temporary_table:
        case statement_kind::other:
            return check_definition(a, s);
        default:
            return check_session_statement(a, s, only);
    }
}

}  // namespace fairlead::policy::mysql::guard

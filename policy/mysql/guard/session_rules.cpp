#include "policy/mysql/guard/session_rules.h"

#include "policy/mysql/guard/expression_rules.h"
#include "policy/mysql/guard/function_list.h"
#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/prepare_rules.h"
#include "policy/mysql/guard/table_rules.h"

#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement;
using parse::statement_kind;

void command(analysis& a, const statement& s, SessionCommand what, std::string name, bool only) {
    if (!only)
        return a.refuse(rule::session_command_in_batch, "a session command together with other statements",
                        s.verb);
    a.verdict.command = what;
    a.verdict.command_name = std::move(name);
    a.verdict.name_begin = a.tokens[s.name].begin;
    a.verdict.name_end = a.tokens[s.name].end;
}

void check_kill(analysis& a, const statement& s, bool only) {
    bool by_id = s.name != no_token && a.tokens[s.name].kind == token_kind::integer &&
                 (s.flags & parse::kill_by_user) == 0;
    if (!by_id) return a.refuse(rule::kill, "KILL takes the id of a connection", s.verb);
    a.examine(s.name);
    bool query = (s.flags & parse::kill_query) != 0;
    command(a, s, query ? SessionCommand::kill_query : SessionCommand::kill_connection,
            std::string(a.text(s.name)), only);
}

void refuse_statement(analysis& a, const statement& s, rule why, std::string_view what) {
    a.refuse(why, std::string(what) + " is refused for " + std::string(a.whom()), s.verb);
}

/// A built-in function that does more than to compute: locks, files, sleep.
bool calls_beyond_values(const analysis& a, token_index token) {
    bool call =
        token + 1 < a.tokens.size() && a.text(token + 1) == "(" && a.tokens[token].kind == token_kind::word;
    const built_in_function* function = call ? find_built_in(lower_case(a.text(token))) : nullptr;
    return function != nullptr && function->family != function_family::allowed;
}

/// Locks and handlers name tables; those of one's own database may be.
void check_tables_and_pin(analysis& a, const statement& s, rule why, std::string_view what, Pin cause) {
    if (a.pool()) return refuse_statement(a, s, why, what);
    a.touches_data = true;
    resolve_tables(a, s.at);
    if (!a.refused()) check_expressions(a, s.at);
    // What stands behind HANDLER t is not read: a condition there might hold a query, or call anything.
    for (token_index i = s.verb; i < a.at(s.at).end && a.bridge(); ++i) {
        if (a.is_word(i, "select") || a.is_word(i, "table"))
            a.refuse(why, "HANDLER with a query is refused", i);
        if (calls_beyond_values(a, i)) a.refuse(why, "HANDLER with this function is refused", i);
    }
    a.pin(cause);
}

/// HANDLER t OPEN takes the pin, CLOSE ends it, READ is in between.
void check_handler(analysis& a, const statement& s) {
    check_tables_and_pin(a, s, rule::handler, "HANDLER", Pin::none);
    for (token_index i = s.verb + 1; i < a.at(s.at).end; ++i) {
        if (a.is_word(i, "open")) return a.pin(Pin::handler);
        if (a.is_word(i, "read")) return;
    }
    a.end_one_pin(Pin::handler);
}

}  // namespace

void check_session_statement(analysis& a, const statement& s, bool only) {
    switch (s.kind) {
        case statement_kind::use:
            return command(a, s, SessionCommand::use_database, a.name(s.name), only);
        case statement_kind::kill:
            return check_kill(a, s, only);
        case statement_kind::lock_tables:
            return check_tables_and_pin(a, s, rule::lock_tables, "LOCK TABLES", Pin::table_lock);
        case statement_kind::unlock_tables:
            return a.end_pins(Pin::table_lock);
        case statement_kind::handler:
            return check_handler(a, s);
        case statement_kind::prepare:
        case statement_kind::execute:
        case statement_kind::deallocate:
        case statement_kind::execute_immediate:
            return check_prepared_text(a, s, only);
        case statement_kind::set_password:
        case statement_kind::set_role:
            if (!a.silo()) return refuse_statement(a, s, rule::role_change, "a change of role or password");
            return a.pin(Pin::setting);
        case statement_kind::get_diagnostics:
            if (a.pool()) return refuse_statement(a, s, rule::diagnostics, "GET DIAGNOSTICS");
            a.verdict.reads_previous = a.verdict.reads_previous | Previous::diagnostics;
            return a.pin(Pin::user_variable);
        default:
            return a.refuse(rule::unknown_syntax, "a statement that the guard does not know", s.verb);
    }
}

}  // namespace fairlead::policy::mysql::guard

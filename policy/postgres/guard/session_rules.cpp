#include "policy/postgres/guard/session_rules.h"

#include "policy/postgres/guard/walker.h"

#include <string>

namespace fairlead::policy::postgres::guard {

namespace {

constexpr int cursor_hold = 0x0020;  // CURSOR_OPT_HOLD of PostgreSQL's parsenodes.h

bool is_name(const analysis& a, std::size_t index) {
    return index < a.tokens.size() && (a.tokens[index].kind == token_kind::word ||
                                       a.tokens[index].kind == token_kind::quoted_identifier);
}

/// Notes the command, its name, and where the name stands: token `index`.
void set_command(analysis& a, SessionCommand command, std::string_view name, std::size_t index) {
    a.verdict.command = command;
    a.verdict.command_name = name;
    if (!is_name(a, index))
        return a.refuse(rule::unknown_syntax,
                        "the name of a prepared statement must be a plain or quoted identifier");
    a.verdict.name_begin = a.tokens[index].begin;
    a.verdict.name_end = a.tokens[index].end;
}

}  // namespace

void check_prepare(walker& w, const PgQuery__PrepareStmt& statement, std::uint32_t begin) {
    set_command(w.a, SessionCommand::prepare, text(statement.name), w.a.first_token(begin) + 1);
    w.children(statement.base);
}

void check_execute(walker& w, const PgQuery__ExecuteStmt& statement, std::uint32_t begin) {
    set_command(w.a, SessionCommand::execute, text(statement.name), w.a.first_token(begin) + 1);
    w.a.touches_data = true;
    w.children(statement.base);
}

void check_deallocate(analysis& a, const PgQuery__DeallocateStmt& statement, std::uint32_t begin) {
    if (text(statement.name).empty()) {
        a.verdict.command = SessionCommand::deallocate_all;
        return;
    }
    std::size_t index = a.first_token(begin) + 1;
    // DEALLOCATE PREPARE name; but a statement may itself be called "prepare".
    if (a.is_word(index, "prepare") && is_name(a, index + 1)) ++index;
    set_command(a, SessionCommand::deallocate, text(statement.name), index);
}

void check_discard(analysis& a, const PgQuery__DiscardStmt& statement) {
    switch (statement.target) {
        case PG_QUERY__DISCARD_MODE__DISCARD_ALL:
            a.verdict.command = SessionCommand::discard_all;
            return;
        case PG_QUERY__DISCARD_MODE__DISCARD_PLANS:
            return;
        case PG_QUERY__DISCARD_MODE__DISCARD_TEMP:
            if (a.pool()) break;
            return a.end_pins(Pin::temporary_object);
        default:
            if (a.pool()) break;
            return;
    }
    a.refuse(rule::session_state,
             "DISCARD TEMP and DISCARD SEQUENCES are refused for " + std::string(whom(a.where)));
}

void check_declare_cursor(walker& w, const PgQuery__DeclareCursorStmt& statement) {
    if ((statement.options & cursor_hold) != 0) {
        if (w.a.pool())
            return w.a.refuse(rule::holdable_cursor,
                              "a cursor WITH HOLD is refused for " + std::string(whom(w.a.where)));
        w.a.pin(Pin::holdable_cursor);
    }
    w.children(statement.base);
}

}  // namespace fairlead::policy::postgres::guard

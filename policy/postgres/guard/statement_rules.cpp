#include "policy/postgres/guard/statement_rules.h"

#include "policy/postgres/guard/relation_rules.h"
#include "policy/postgres/guard/session_rules.h"
#include "policy/postgres/guard/setting_rules.h"
#include "policy/postgres/guard/statement_list.h"
#include "policy/postgres/guard/transaction_rules.h"
#include "policy/postgres/guard/walker.h"

#include <string>

namespace fairlead::policy::postgres::guard {

namespace {

/// CREATE TEMP ...: pool tenants are told about temporary objects rather than about DDL.
bool creates_temporary(const tree_node& node) {
    const PgQuery__RangeVar* target = nullptr;
    if (auto* create = as<PgQuery__CreateStmt>(&node, pg_query__create_stmt__descriptor))
        target = create->relation;
    if (auto* view = as<PgQuery__ViewStmt>(&node, pg_query__view_stmt__descriptor)) target = view->view;
    if (auto* sequence = as<PgQuery__CreateSeqStmt>(&node, pg_query__create_seq_stmt__descriptor))
        target = sequence->sequence;
    if (auto* table = as<PgQuery__CreateTableAsStmt>(&node, pg_query__create_table_as_stmt__descriptor))
        if (table->into != nullptr) target = table->into->rel;
    return target != nullptr && text(target->relpersistence) == "t";
}

/// Statements that are refused as such.
bool refuse_kind(analysis& a, const tree_node& node) {
    const refused_statement* entry = find_refused_statement(node.descriptor);
    if (entry == nullptr || !a.in(entry->refused_in)) return false;
    if (creates_temporary(node))
        a.refuse(rule::temporary_object, "temporary objects are refused for " + std::string(whom(a.where)));
    else
        a.refuse(entry->why, std::string(entry->words) + " is refused for " + std::string(whom(a.where)));
    return true;
}

bool is_off(const PgQuery__DefElem& option) {
    const tree_node* value = unwrap(option.arg);
    if (auto* number = as<PgQuery__Integer>(value, pg_query__integer__descriptor)) return number->ival == 0;
    if (auto* flag = as<PgQuery__Boolean>(value, pg_query__boolean__descriptor)) return flag->boolval == 0;
    std::string_view word = string_of(option.arg);
    return word == "off" || word == "false";
}

void check_explain(walker& w, const PgQuery__ExplainStmt& statement) {
    for (std::size_t i = 0; i < statement.n_options; ++i) {
        auto* option = as<PgQuery__DefElem>(unwrap(statement.options[i]), pg_query__def_elem__descriptor);
        if (option == nullptr || text(option->defname) != "analyze") continue;
        if (w.a.pool() && (option->arg == nullptr || !is_off(*option)))
            return w.a.refuse(rule::explain_analyze,
                              "EXPLAIN ANALYZE is refused for " + std::string(whom(w.a.where)),
                              option->location);
        // EXPLAIN (ANALYZE 0): the verdict has looked at the number.
        w.a.examine(-1);
    }
    const tree_node* query = unwrap(statement.query);
    if (query == nullptr) return;
    if (query->descriptor == &pg_query__execute_stmt__descriptor)
        return w.a.refuse(rule::session_command_in_batch, "EXPLAIN EXECUTE is refused", -1,
                          "EXPLAIN the query itself.");
    if (!refuse_kind(w.a, *query)) w.visit(*query);
}

void check_copy(walker& w, const PgQuery__CopyStmt& statement) {
    constexpr std::uint8_t shared_server = 7;
    bool file = statement.is_program != 0 || !text(statement.filename).empty();
    if (file && w.a.in(shared_server))
        return w.a.refuse(rule::copy_file, "COPY with a file or program of the server is refused for " +
                                               std::string(whom(w.a.where)));
    if (statement.relation != nullptr) {
        check_relation(w, *statement.relation, statement.is_from != 0 ? access::write : access::read);
        if (statement.is_from != 0 && w.a.pool())
            w.a.refuse(rule::copy_from, "COPY FROM is refused for " + std::string(whom(w.a.where)),
                       statement.relation->location);
        if (w.facts.statistics)
            w.a.refuse(rule::catalogue_statistics,
                       "COPY of this catalogue would show statistics of shared tables",
                       statement.relation->location);
    }
    w.children(statement.base, {statement.relation == nullptr ? nullptr : &statement.relation->base});
}

void check_unlisten(analysis& a, const PgQuery__UnlistenStmt& statement) {
    if (text(statement.conditionname).empty()) a.end_pins(Pin::listen);
}

void check_close(analysis& a, const PgQuery__ClosePortalStmt& statement) {
    if (text(statement.portalname).empty()) a.end_pins(Pin::holdable_cursor);
}

template <typename Message>
const Message& as_is(const tree_node& node) {
    return reinterpret_cast<const Message&>(node);
}

/// Commands about the session. True: `node` was one.
bool check_session_command(walker& w, const tree_node& node, std::uint32_t begin) {
    const auto* kind = node.descriptor;
    if (kind == &pg_query__variable_set_stmt__descriptor)
        check_set(w.a, as_is<PgQuery__VariableSetStmt>(node));
    else if (kind == &pg_query__variable_show_stmt__descriptor)
        check_show(w.a, as_is<PgQuery__VariableShowStmt>(node));
    else if (kind == &pg_query__prepare_stmt__descriptor)
        check_prepare(w, as_is<PgQuery__PrepareStmt>(node), begin);
    else if (kind == &pg_query__execute_stmt__descriptor)
        check_execute(w, as_is<PgQuery__ExecuteStmt>(node), begin);
    else if (kind == &pg_query__deallocate_stmt__descriptor)
        check_deallocate(w.a, as_is<PgQuery__DeallocateStmt>(node), begin);
    else if (kind == &pg_query__discard_stmt__descriptor)
        check_discard(w.a, as_is<PgQuery__DiscardStmt>(node));
    else if (kind == &pg_query__declare_cursor_stmt__descriptor)
        check_declare_cursor(w, as_is<PgQuery__DeclareCursorStmt>(node));
    else if (kind == &pg_query__fetch_stmt__descriptor)
        w.a.touches_data = true;
    else if (kind == &pg_query__listen_stmt__descriptor)
        w.a.pin(Pin::listen);
    else if (kind == &pg_query__unlisten_stmt__descriptor)
        check_unlisten(w.a, as_is<PgQuery__UnlistenStmt>(node));
    else if (kind == &pg_query__close_portal_stmt__descriptor)
        check_close(w.a, as_is<PgQuery__ClosePortalStmt>(node));
    else
        return kind == &pg_query__constraints_set_stmt__descriptor;
    return true;
}

void check_query(walker& w, const tree_node& node) {
    if (auto* explain = as<PgQuery__ExplainStmt>(&node, pg_query__explain_stmt__descriptor))
        return check_explain(w, *explain);
    if (auto* copy = as<PgQuery__CopyStmt>(&node, pg_query__copy_stmt__descriptor))
        return check_copy(w, *copy);
    if (auto* select = as<PgQuery__SelectStmt>(&node, pg_query__select_stmt__descriptor))
        accept_plain_set_config(w, *select);
    w.visit(node);
}

}  // namespace

bool check_statement(analysis& a, const tree_node& statement, std::uint32_t begin) {
    if (auto* transaction = as<PgQuery__TransactionStmt>(&statement, pg_query__transaction_stmt__descriptor))
        return check_transaction(a, *transaction);
    if (refuse_kind(a, statement)) return true;
    walker w(a);
    if (!check_session_command(w, statement, begin)) check_query(w, statement);
    check_columns(w);
    // SET TRANSACTION must be the first statement of its transaction, so no context can stand before it.
    auto* set = as<PgQuery__VariableSetStmt>(&statement, pg_query__variable_set_stmt__descriptor);
    return set == nullptr || set->kind != PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI ||
           text(set->name) == "SESSION CHARACTERISTICS";
}

}  // namespace fairlead::policy::postgres::guard

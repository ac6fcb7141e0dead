#include "policy/mysql/guard/effect_rules.h"

namespace fairlead::policy::mysql::guard {

namespace {

using parse::statement;
using parse::statement_kind;

struct effect {
    bool writes = true;
    bool inserts = true;
};

/// The statement behind EXPLAIN, ANALYZE and SET STATEMENT ... FOR.
const statement* inner_statement(const analysis& a, const statement& s) {
    for (node_id child = a.at(s.at).first_child; child != no_node; child = a.at(child).next_sibling)
        if (a.at(child).kind == node_kind::statement) return &a.tree.statements[a.at(child).detail];
    return nullptr;
}

effect effect_of(const statement& s) {
    switch (s.kind) {
        case statement_kind::select:
        case statement_kind::show:
        case statement_kind::describe:
        case statement_kind::begin:
        case statement_kind::commit:
        case statement_kind::rollback:
        case statement_kind::savepoint:
        case statement_kind::rollback_to:
        case statement_kind::release_savepoint:
            return {.writes = false, .inserts = false};
        // What a trigger inserts is not the statement's LAST_INSERT_ID().
        case statement_kind::update:
        case statement_kind::delete_:
        case statement_kind::set:
        case statement_kind::set_transaction:
            return {.writes = true, .inserts = false};
        default:
            return {};
    }
}

}  // namespace

void note_effect(analysis& a) {
    if (a.verdict.multiple_statements || a.tree.statements.empty()) return;
    const statement* s = &a.tree.statements[a.at(a.at(0).first_child).detail];
    while (s != nullptr && (s->kind == statement_kind::explain || s->kind == statement_kind::set_statement)) {
        bool planned_only = s->kind == statement_kind::explain && (s->flags & parse::executes) == 0;
        if (planned_only) {
            a.verdict.writes = a.verdict.inserts = false;
            return;
        }
        s = inner_statement(a, *s);
    }
    if (s == nullptr) return;
    effect known = effect_of(*s);
    a.verdict.writes = known.writes;
    a.verdict.inserts = known.inserts;
}

}  // namespace fairlead::policy::mysql::guard

#include "policy/mysql/guard/name_rules.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/table_rules.h"

#include <algorithm>
#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

/// The names of the block's columns are seen: by the client, or by the query around it.
bool is_seen(const analysis& a, node_id block) {
    for (node_id id = a.at(block).parent; id != no_node; id = a.at(id).parent) {
        switch (a.at(id).kind) {
            case node_kind::query:
            case node_kind::set_operation:
            case node_kind::parenthesised_query:
                break;
            case node_kind::statement:
                return a.tree.statements[a.at(id).detail].kind == parse::statement_kind::select;
            case node_kind::derived_table:
            case node_kind::common_table:
                return true;
            default:
                return false;
        }
    }
    return false;
}

bool has_column(const Relation* relation, const std::string& name) {
    return relation != nullptr &&
           std::find(relation->columns.begin(), relation->columns.end(), name) != relation->columns.end();
}

/// A derived table's columns are called as the table's own are, whatever case the statement uses.
bool may_change_case(const analysis& a, node_id block, const std::string& column) {
    bool derived = false;
    for (const parse::table_reference& reference : a.tree.tables) {
        if (reference.block != block) continue;
        const resolved_table& table = resolved(a, reference);
        if (has_column(table.relation, column)) return false;
        derived |= table.derived;
    }
    return derived;
}

void keep_name(analysis& a, const node& item) {
    const node& value = a.at(item.first_child);
    if (item.name != no_token || value.kind == node_kind::star) return;
    token_index first = item.first;
    bool column = value.kind == node_kind::column_reference;
    if (column) first = value.name;
    bool changed =
        column ? may_change_case(a, item.parent, a.name(first)) : a.edits.touches(item.first, item.end);
    if (!changed) return;
    // Of an executable comment the server keeps the inside only.
    for (token_index i = first; i < item.end; ++i)
        if (a.tokens[i].in_comment) return;
    std::string alias;
    if (column)
        alias = quoted(a.name(first));
    else
        alias = source_mark + std::to_string(first) + "-" + std::to_string(item.end) + ";";
    a.edits.behind(item.first, item.end, " AS " + alias);
}

}  // namespace

void keep_column_names(analysis& a, node_id statement) {
    if (a.edits.empty()) return;
    for (node_id id = a.tree.next(statement, statement); id != no_node; id = a.tree.next(id, statement)) {
        const node& item = a.at(id);
        if (item.kind != node_kind::select_item) continue;
        bool returning = a.at(item.parent).kind == node_kind::returning;
        if (!returning && !is_seen(a, item.parent)) continue;
        keep_name(a, item);
    }
}

}  // namespace fairlead::policy::mysql::guard

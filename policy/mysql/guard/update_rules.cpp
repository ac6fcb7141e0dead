#include "policy/mysql/guard/update_rules.h"

#include "policy/mysql/guard/names.h"
#include "policy/mysql/guard/table_rules.h"
#include "policy/mysql/guard/value_rules.h"

#include <algorithm>
#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::table_reference;

node_id child_of_kind(const analysis& a, node_id parent, node_kind kind) {
    for (node_id child = a.at(parent).first_child; child != no_node; child = a.at(child).next_sibling)
        if (a.at(child).kind == kind) return child;
    return no_node;
}

/// The column itself, written in the same way.
bool is_same_column(const analysis& a, node_id target, node_id value) {
    if (a.at(value).kind != node_kind::column_reference) return false;
    if (a.at(value).detail != a.at(target).detail) return false;
    for (token_index i = a.at(target).first, j = a.at(value).first; i < a.at(target).end; ++i, ++j)
        if (a.text(i) != a.text(j)) return false;
    return true;
}

/// VALUES(tenant_id) is what the row would have been inserted with: the own id.
bool is_inserted_tenant(const analysis& a, node_id value) {
    if (a.at(value).kind != node_kind::values_of) return false;
    node_id column = a.at(value).first_child;
    return column != no_node && is_tenant_column(a, a.name(a.at(column).name));
}

void check_tenant_assignment(analysis& a, node_id assignment, bool in_duplicate_update) {
    node_id target = a.at(assignment).first_child;
    if (!is_tenant_column(a, a.name(a.at(target).name))) return;
    node_id value = a.at(target).next_sibling;
    if (is_same_column(a, target, value)) return;
    if (in_duplicate_update && is_inserted_tenant(a, value)) return;
    if (is_own_tenant(a, value)) return;
    a.refuse(rule::tenant_column_update, "assignment to the tenant column " + a.scope.tenant_column,
             a.at(target).name);
}

void check_assignments(analysis& a, node_id list, bool in_duplicate_update) {
    for (node_id each = a.at(list).first_child; each != no_node && !a.refused();
         each = a.at(each).next_sibling) {
        if (a.at(a.at(each).first_child).kind != node_kind::column_reference)
            return a.refuse(rule::unknown_syntax, "an assignment to something else than a column",
                            a.at(each).first);
        check_tenant_assignment(a, each, in_duplicate_update);
    }
}

bool has_column(const Relation& relation, std::string_view name) {
    return std::any_of(relation.columns.begin(), relation.columns.end(),
                       [&](const std::string& column) { return could_be(name, column); });
}

/// In a multi-table UPDATE: the table that the assignment changes is a tenant's. The server looks a name
/// without alias up in all of them.
void check_assigned_table(analysis& a, const parse::statement& statement, const node& column) {
    std::string name = a.name(column.name);
    bool qualified = column.detail > 0;
    std::string alias = qualified ? a.name(column.name - 2) : std::string();
    bool found = false;
    for (const table_reference& reference : a.tree.tables) {
        if (reference.block != statement.at || reference.exposed() == no_token) continue;
        if (qualified && !could_be(a.name(reference.exposed()), alias) &&
            !could_be(alias, a.name(reference.exposed())))
            continue;
        const resolved_table& table = resolved(a, reference);
        if (table.relation == nullptr) continue;  // the server refuses to write to it
        if (!qualified && !has_column(*table.relation, name)) continue;
        if (table.kind == table_class::global)
            return a.refuse(rule::global_table_write,
                            "table " + a.name(reference.name) + " is global: it can be read only",
                            column.name);
        found = true;
    }
    if (!found)
        a.refuse(rule::unknown_column, "column " + name + " is not known to be of a tenant's table",
                 column.name);
}

void check_changed_keys(analysis& a, const parse::statement& statement) {
    if ((statement.flags & parse::ignore_errors) == 0) return;
    for (const table_reference& reference : a.tree.tables) {
        const resolved_table& table = resolved(a, reference);
        if (reference.block == statement.at && table.kind == table_class::tenant && !a.refused())
            check_keys(a, *table.relation, "UPDATE IGNORE", statement.verb);
    }
}

}  // namespace

bool check_keys(analysis& a, const Relation& relation, std::string_view what, token_index at) {
    if (relation.unique_keys_without_tenant.empty()) return true;
    a.refuse(rule::upsert_unique_key,
             std::string(what) + " refused on " + relation.name + ": unique key " +
                 relation.unique_keys_without_tenant.front() + " lacks " + a.scope.tenant_column,
             at);
    return false;
}

void check_duplicate_update(analysis& a, const parse::statement& statement) {
    node_id update = child_of_kind(a, statement.at, node_kind::duplicate_update);
    if (update != no_node && !a.refused()) check_assignments(a, a.at(update).first_child, true);
}

void check_update(analysis& a, const parse::statement& statement) {
    node_id list = child_of_kind(a, statement.at, node_kind::assignment_list);
    if (list == no_node) return a.refuse(rule::unknown_syntax, "an UPDATE without SET", statement.verb);
    check_changed_keys(a, statement);
    check_assignments(a, list, false);
    if ((statement.flags & parse::several_tables) == 0) return;
    for (node_id each = a.at(list).first_child; each != no_node && !a.refused();
         each = a.at(each).next_sibling)
        check_assigned_table(a, statement, a.at(a.at(each).first_child));
}

void check_delete(analysis& a, const parse::statement& statement) {
    node_id targets = child_of_kind(a, statement.at, node_kind::delete_targets);
    if (targets == no_node) return;
    for (node_id each = a.at(targets).first_child; each != no_node && !a.refused();
         each = a.at(each).next_sibling) {
        std::string name = a.name(a.at(each).name);
        const table_reference* reference = find_reference(a, statement.at, name);
        table_class kind = reference == nullptr ? table_class::none : resolved(a, *reference).kind;
        if (kind == table_class::global)
            a.refuse(rule::global_table_write, "table " + name + " is global: it can be read only",
                     a.at(each).name);
        else if (kind != table_class::tenant)
            a.refuse(rule::unknown_table, "DELETE from " + name + ", which is no table of this statement",
                     a.at(each).name);
    }
}

}  // namespace fairlead::policy::mysql::guard

#include "policy/mysql/verifier/writes.h"

#include "policy/mysql/verifier/tables.h"
#include "policy/mysql/verifier/values.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::policy::mysql::verifier {

namespace {

bool is_tenant_column(const reading& r, std::string_view name) {
    return might_be(name, r.scope.tenant_column);
}

// Which of the columns that get values is the tenant's, and how many there are.
struct written_columns {
    std::optional<std::size_t> tenant;
    std::size_t width = 0;
    bool twice = false;

    void add(bool is_tenant) {
        if (is_tenant) {
            twice |= tenant.has_value();
            tenant = width;
        }
        ++width;
    }
};

written_columns columns_of(const reading& r, const parse::statement& statement, const Relation& relation) {
    written_columns out;
    node_id list = r.child(statement.at, node_kind::column_list);
    if (list != no_node || statement.columns.present()) {
        for (node_id id = list == no_node ? no_node : r.at(list).first_child; id != no_node;
             id = r.at(id).next_sibling) {
            out.add(is_tenant_column(r, r.name(r.at(id).name)));
        }
        return out;
    }
    const auto& hidden = relation.hidden_columns;
    for (const std::string& column : relation.columns) {
        if (std::find(hidden.begin(), hidden.end(), column) == hidden.end()) {
            out.add(is_tenant_column(r, column));
        }
    }
    return out;
}

// The query blocks whose rows are the query's: not those inside expressions, FROM or WITH.
void collect_blocks(const reading& r, node_id parent, std::vector<node_id>& out) {
    for (node_id id = r.at(parent).first_child; id != no_node; id = r.at(id).next_sibling) {
        switch (r.at(id).kind) {
            case node_kind::query_block:
                out.push_back(id);
                break;
            case node_kind::query:
            case node_kind::set_operation:
            case node_kind::parenthesised_query:
                collect_blocks(r, id, out);
                break;
            default:
                break;
        }
    }
}

bool assigns_own_value(reading& r, node_id list, const Relation& relation) {
    bool found = false;
    for (node_id each = r.at(list).first_child; each != no_node; each = r.at(each).next_sibling) {
        const node& column = r.at(r.at(each).first_child);
        if (column.kind != node_kind::column_reference) return false;
        if (!is_tenant_column(r, r.name(column.name))) continue;
        if (found || !is_own_value(r, column.next_sibling, relation)) return false;
        found = true;
    }
    return found;
}

bool rows_are_own(reading& r, const parse::statement& statement, const Relation& relation) {
    node_id assignments = r.child(statement.at, node_kind::assignment_list);
    if (assignments != no_node) return assigns_own_value(r, assignments, relation);
    written_columns columns = columns_of(r, statement, relation);
    if (!columns.tenant || columns.twice) return false;
    bool any = false;
    for (node_id row = r.at(statement.at).first_child; row != no_node; row = r.at(row).next_sibling) {
        if (r.at(row).kind != node_kind::row) continue;
        any = true;
        if (!row_has_own_value(r, row, *columns.tenant, columns.width, relation)) return false;
    }
    std::vector<node_id> blocks;
    collect_blocks(r, statement.at, blocks);
    for (node_id block : blocks) {
        if (!gives_own_value(r, block, *columns.tenant, columns.width, relation)) return false;
    }
    return any != !blocks.empty();
}

bool is_same_column(const reading& r, const node& target, const node& value) {
    if (value.kind != node_kind::column_reference || value.detail != target.detail) return false;
    for (std::uint32_t i = 0; i <= 2 * target.detail; ++i) {
        if (r.text(target.first + i) != r.text(value.first + i)) return false;
    }
    return true;
}

// VALUES(tenant_id): what the row would have been made with, which was looked at.
bool is_inserted_id(const reading& r, const node& value) {
    if (value.kind != node_kind::values_of || value.first_child == no_node) return false;
    return same_ascii(r.name(r.at(value.first_child).name), r.scope.tenant_column);
}

// Nothing but what is there already, or the own id, may be assigned to the tenant column.
void check_assignments(reading& r, node_id list, bool behind_insert) {
    for (node_id each = r.at(list).first_child; each != no_node; each = r.at(each).next_sibling) {
        const node& column = r.at(r.at(each).first_child);
        if (column.kind != node_kind::column_reference) return r.fail("an assignment to no column");
        if (!is_tenant_column(r, r.name(column.name))) continue;
        const node& value = r.at(column.next_sibling);
        bool unchanged = is_same_column(r, column, value) || (behind_insert && is_inserted_id(r, value));
        if (!unchanged && !r.is_own_id(column.next_sibling, true, true)) {
            return r.fail("the tenant column is assigned to");
        }
    }
}

void check_keys(reading& r, const Relation& relation) {
    if (!relation.unique_keys_without_tenant.empty()) {
        r.fail("unique key " + relation.unique_keys_without_tenant.front() + " of " + relation.name +
               " may lead to another tenant's row");
    }
}

bool has_column(const Relation& relation, std::string_view name) {
    return std::any_of(relation.columns.begin(), relation.columns.end(),
                       [&](const std::string& column) { return might_be(name, column); });
}

// In an UPDATE of several tables: whether this one may be the one that `column` is of.
bool may_be_of(const reading& r, const node& column, node_id table_node, const Relation& relation) {
    std::string name = r.name(column.name);
    if (column.detail == 0) return has_column(relation, name);
    return might_be(r.name(column.name - 2), r.name(r.table(table_node).exposed()));
}

void check_updated_tables(reading& r, node_id statement, node_id list) {
    for (node_id table_node : r.tables_of(statement)) {
        if (r.at(table_node).kind != node_kind::table) continue;
        known_table table = resolve(r, table_node);
        if (table.kind != table_kind::global) continue;
        for (node_id each = r.at(list).first_child; each != no_node; each = r.at(each).next_sibling) {
            if (may_be_of(r, r.at(r.at(each).first_child), table_node, *table.relation)) {
                return r.fail("global table " + table.relation->name + " may be written to");
            }
        }
    }
}

}  // namespace

void check_insert(reading& r, const parse::statement& statement) {
    node_id target = r.child(statement.at, node_kind::table);
    if (target == no_node) return r.fail("an INSERT into nothing");
    known_table table = resolve(r, target);
    if (table.kind != table_kind::tenant) return r.fail("an INSERT into no table of tenants");
    if (!rows_are_own(r, statement, *table.relation)) {
        return r.fail("a row for " + table.relation->name + " may have another tenant's id");
    }
    node_id update = r.child(statement.at, node_kind::duplicate_update);
    bool meets_rows = statement.kind == parse::statement_kind::replace || update != no_node ||
                      (statement.flags & parse::ignore_errors) != 0;
    if (meets_rows) check_keys(r, *table.relation);
    if (update != no_node) check_assignments(r, r.at(update).first_child, true);
}

void check_update(reading& r, const parse::statement& statement) {
    node_id list = r.child(statement.at, node_kind::assignment_list);
    if (list == no_node) return r.fail("an UPDATE that sets nothing");
    check_assignments(r, list, false);
    check_updated_tables(r, statement.at, list);
    if ((statement.flags & parse::ignore_errors) == 0) return;
    for (node_id table_node : r.tables_of(statement.at)) {
        if (r.at(table_node).kind != node_kind::table) continue;
        known_table table = resolve(r, table_node);
        if (table.kind == table_kind::tenant) check_keys(r, *table.relation);
    }
}

void check_delete(reading& r, const parse::statement& statement) {
    node_id targets = r.child(statement.at, node_kind::delete_targets);
    if (targets == no_node) return;  // the only table, and resolve() lets no global one be that
    for (node_id target = r.at(targets).first_child; target != no_node; target = r.at(target).next_sibling) {
        std::string name = r.name(r.at(target).name);
        bool found = false;
        for (node_id table_node : r.tables_of(statement.at)) {
            token_index exposed = r.table(table_node).exposed();
            if (exposed == no_token || !might_be(r.name(exposed), name)) continue;
            bool tenant = r.at(table_node).kind == node_kind::table &&
                          resolve(r, table_node).kind == table_kind::tenant;
            if (!tenant) return r.fail("a DELETE from " + name + ", which is no table of tenants");
            found = true;
        }
        if (!found) return r.fail("a DELETE from " + name + ", which stands nowhere");
    }
}

}  // namespace fairlead::policy::mysql::verifier

#include "policy/mysql/verifier/conditions.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace fairlead::policy::mysql::verifier {

namespace {

// `alias`.tenant_id = 'own id', whatever the alias; an empty alias: any.
bool is_tenant_test(const reading& r, node_id id, const std::string& alias, bool column_is_text) {
    const node& test = r.at(id);
    if (test.kind != node_kind::comparison || test.operation != parse::op::equal) return false;
    node_id column = test.first_child;
    const node& reference = r.at(column);
    if (reference.kind != node_kind::column_reference || reference.detail != 1) return false;
    if (!same_ascii(r.name(reference.name), r.scope.tenant_column)) return false;
    node_id value = reference.next_sibling;
    bool own = alias.empty() ? r.is_own_id(value, true, true)
                             : r.name(reference.first) == alias && r.is_own_id(value, column_is_text, false);
    return own && value == test.last_child;
}

// The tests at the begin of a condition: the server makes them before it looks at anything of the client's.
bool begins_with_test(const reading& r, node_id condition, const std::string& alias, bool column_is_text) {
    if (condition == no_node) return false;
    const node& top = r.at(condition);
    if (top.kind != node_kind::logical || top.operation != parse::op::and_) {
        return is_tenant_test(r, condition, alias, column_is_text);
    }
    for (node_id term = top.first_child; term != no_node; term = r.at(term).next_sibling) {
        if (is_tenant_test(r, term, alias, column_is_text)) return true;
        if (!is_tenant_test(r, term, {}, column_is_text)) return false;
    }
    return false;
}

// ON of a join removes the rows of this operand: any of an inner join, the one that may be missing of an
// outer join.
bool is_filtered_operand(const reading& r, node_id join, node_id operand) {
    bool left = r.at(join).first_child == operand;
    switch (static_cast<parse::join_kind>(r.at(join).detail)) {
        case parse::join_kind::inner:
        case parse::join_kind::straight:
            return true;
        case parse::join_kind::left:
            return !left;
        case parse::join_kind::right:
            return left;
        default:
            return false;
    }
}

bool is_alone_by_name(const reading& r, node_id block, node_id table_node, const std::string& alias) {
    for (node_id other : r.tables_of(block)) {
        token_index exposed = r.table(other).exposed();
        if (other != table_node && exposed != no_token && might_be(r.name(exposed), alias)) return false;
    }
    return true;
}

struct dictionary_view {
    std::string_view name;
    std::string_view database_column;  // empty: holds nothing of any database
};
constexpr dictionary_view dictionary_views[] = {
    {"character_sets", {}},
    {"check_constraints", "constraint_schema"},
    {"collation_character_set_applicability", {}},
    {"collations", {}},
    {"columns", "table_schema"},
    {"engines", {}},
    {"key_column_usage", "table_schema"},
    {"keywords", {}},
    {"referential_constraints", "constraint_schema"},
    {"schemata", "schema_name"},
    {"statistics", "table_schema"},
    {"table_constraints", "table_schema"},
    {"tables", "table_schema"},
};

// Figures over the rows of all tenants, and when any of them wrote last.
constexpr std::string_view figures[] = {
    "table_rows", "avg_row_length", "data_length",      "max_data_length", "index_length",
    "data_free",  "auto_increment", "create_time",      "update_time",     "check_time",
    "checksum",   "cardinality",    "max_index_length", "temporary"};

bool shows_figures(const reading& r, node_id block) {
    for (node_id id = r.tree().next(block, block); id != no_node; id = r.tree().next(id, block)) {
        const node& n = r.at(id);
        if (n.kind == node_kind::star) return true;
        if (n.kind != node_kind::column_reference) continue;
        std::string name = r.name(n.name);
        bool figure = std::any_of(std::begin(figures), std::end(figures),
                                  [&](std::string_view f) { return might_be(name, f); });
        if (figure) return true;
    }
    return false;
}

bool is_this_database(const reading& r, node_id condition, std::string_view column) {
    const node& test = r.at(condition);
    if (test.kind != node_kind::comparison || test.operation != parse::op::equal) return false;
    const node& left = r.at(test.first_child);
    if (left.kind != node_kind::column_reference || left.detail != 0) return false;
    if (!same_ascii(r.name(left.name), column) || left.next_sibling != test.last_child) return false;
    const node& right = r.at(test.last_child);
    return right.kind == node_kind::function_call && right.detail == 0 && right.first_child == no_node &&
           right.name != no_token && same_ascii(r.text(right.name), "database");
}

}  // namespace

bool is_filtered(const reading& r, node_id table_node, const Relation& relation) {
    token_index exposed = r.table(table_node).exposed();
    if (exposed == no_token) return false;
    std::string alias = r.name(exposed);
    node_id block = r.block_of(table_node);
    if (alias.empty() || !is_alone_by_name(r, block, table_node, alias)) return false;
    node_id where = r.child(block, node_kind::where_clause);
    if (where != no_node && begins_with_test(r, r.at(where).first_child, alias, relation.tenant_is_text)) {
        return true;
    }
    node_id operand = table_node;
    for (node_id id = r.at(operand).parent; id != block && id != no_node;
         operand = id, id = r.at(id).parent) {
        if (r.at(id).kind != node_kind::join || !is_filtered_operand(r, id, operand)) continue;
        node_id on = r.child(id, node_kind::join_on);
        if (on != no_node && begins_with_test(r, r.at(on).first_child, alias, relation.tenant_is_text)) {
            return true;
        }
    }
    return false;
}

bool is_narrowed(const reading& r, node_id table_node) {
    std::string name = r.name(r.table(table_node).name);
    const auto* view = std::find_if(std::begin(dictionary_views), std::end(dictionary_views),
                                    [&](const dictionary_view& v) { return same_ascii(name, v.name); });
    if (view == std::end(dictionary_views)) return false;
    if (view->database_column.empty()) return true;
    node_id block = r.block_of(table_node);
    if (r.at(block).kind != node_kind::query_block || r.tables_of(block).size() != 1) return false;
    bool has_figures = view->name == "tables" || view->name == "statistics";
    if (has_figures && shows_figures(r, block)) return false;
    node_id where = r.child(block, node_kind::where_clause);
    return where != no_node && is_this_database(r, r.at(where).first_child, view->database_column);
}

}  // namespace fairlead::policy::mysql::verifier

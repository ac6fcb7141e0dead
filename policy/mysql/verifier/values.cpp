#include "policy/mysql/verifier/values.h"

#include "policy/mysql/verifier/tables.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::policy::mysql::verifier {

namespace {

std::vector<node_id> children_of(const reading& r, node_id parent, node_kind kind) {
    std::vector<node_id> out;
    for (node_id id = r.at(parent).first_child; id != no_node; id = r.at(id).next_sibling) {
        if (r.at(id).kind == kind) out.push_back(id);
    }
    return out;
}

// (SELECT 1 UNION SELECT 2): two rows where one is expected, which is always an error.
bool is_error(const reading& r, node_id id) {
    constexpr std::string_view expected[] = {"(", "SELECT", "1", "UNION", "SELECT", "2", ")"};
    const node& value = r.at(id);
    if (value.kind != node_kind::subquery || value.end - value.first != std::size(expected)) return false;
    for (token_index i = value.first; i < value.end; ++i) {
        if (!same_ascii(r.text(i), expected[i - value.first])) return false;
    }
    return true;
}

// For the columns that a star stands for: whether it is the tenant column of a tenant's table. Unknown for
// derived tables, and where a join leaves columns out.
bool append_columns(reading& r, node_id table_node, std::vector<bool>& out) {
    if (r.at(table_node).kind != node_kind::table) return false;
    known_table table = resolve(r, table_node);
    if (table.relation == nullptr) return false;
    const auto& hidden = table.relation->hidden_columns;
    for (const std::string& column : table.relation->columns) {
        if (std::find(hidden.begin(), hidden.end(), column) != hidden.end()) continue;
        out.push_back(table.kind == table_kind::tenant && same_ascii(column, r.scope.tenant_column));
    }
    return true;
}

bool leaves_columns_out(const reading& r, node_id block) {
    for (node_id id = r.tree().next(block, block); id != no_node; id = r.tree().next(id, block)) {
        if (r.at(id).kind == node_kind::join_using) return true;
        if (r.at(id).kind != node_kind::join) continue;
        auto kind = static_cast<parse::join_kind>(r.at(id).detail);
        if (kind != parse::join_kind::inner && kind != parse::join_kind::straight) return true;
    }
    return false;
}

std::optional<std::vector<bool>> columns_of_star(reading& r, node_id block, node_id star) {
    std::vector<bool> out;
    if (leaves_columns_out(r, block)) return std::nullopt;
    if (r.at(star).detail > 1) return std::nullopt;
    bool found = false;
    for (node_id table_node : r.tables_of(block)) {
        token_index exposed = r.table(table_node).exposed();
        if (r.at(star).detail == 1) {
            if (exposed == no_token || r.name(exposed) != r.name(r.at(star).first)) continue;
        }
        found = true;
        if (!append_columns(r, table_node, out)) return std::nullopt;
    }
    return found ? std::optional(std::move(out)) : std::nullopt;
}

bool item_has_own_value(reading& r, node_id block, const std::vector<node_id>& items, std::size_t place,
                        const Relation& relation) {
    std::size_t at = 0;
    for (node_id item : items) {
        node_id value = r.at(item).first_child;
        if (value == no_node) return false;
        if (r.at(value).kind != node_kind::star) {
            if (at++ == place) return is_own_value(r, value, relation);
            continue;
        }
        auto columns = columns_of_star(r, block, value);
        if (!columns) return false;
        if (place < at + columns->size()) return (*columns)[place - at];
        at += columns->size();
    }
    return false;
}

}  // namespace

bool is_own_value(const reading& r, node_id value, const Relation& relation) {
    if (r.is_own_id(value, relation.tenant_is_text, true)) return true;
    const node& call = r.at(value);
    if (call.kind != node_kind::function_call || call.detail != 0 || call.name == no_token ||
        !same_ascii(r.text(call.name), "if"))
        return false;
    node_id test = call.first_child;
    node_id then = test == no_node ? no_node : r.at(test).next_sibling;
    node_id otherwise = then == no_node ? no_node : r.at(then).next_sibling;
    return otherwise != no_node && otherwise == call.last_child &&
           r.is_own_id(then, relation.tenant_is_text, true) && is_error(r, otherwise);
}

bool row_has_own_value(const reading& r, node_id row, std::size_t place, std::size_t width,
                       const Relation& relation) {
    std::size_t count = 0;
    bool own = false;
    for (node_id id = r.at(row).first_child; id != no_node; id = r.at(id).next_sibling, ++count) {
        if (count == place) own = is_own_value(r, id, relation);
    }
    return own && count == width;
}

bool gives_own_value(reading& r, node_id block, std::size_t place, std::size_t width,
                     const Relation& relation) {
    std::vector<node_id> rows = children_of(r, block, node_kind::row);
    if (!rows.empty()) {
        return std::all_of(rows.begin(), rows.end(),
                           [&](node_id row) { return row_has_own_value(r, row, place, width, relation); });
    }
    std::vector<node_id> items = children_of(r, block, node_kind::select_item);
    if (items.empty()) return false;
    // The server takes as many values as there are columns and no others, so the last goes to the last.
    node_id last = r.at(items.back()).first_child;
    if (place + 1 == width && last != no_node && r.at(last).kind != node_kind::star) {
        return is_own_value(r, last, relation);
    }
    return item_has_own_value(r, block, items, place, relation);
}

}  // namespace fairlead::policy::mysql::verifier

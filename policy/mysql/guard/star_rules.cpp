#include "policy/mysql/guard/star_rules.h"

#include "policy/mysql/guard/table_rules.h"
#include "policy/mysql/guard/value_rules.h"

#include <algorithm>
#include <string>

namespace fairlead::policy::mysql::guard {

namespace {

using parse::table_reference;

bool is_plain_join(const analysis& a, node_id block) {
    for (node_id id = a.tree.next(block, block); id != no_node; id = a.tree.next(id, block)) {
        if (a.at(id).kind == node_kind::join_using) return false;
        if (a.at(id).kind != node_kind::join) continue;
        auto kind = static_cast<parse::join_kind>(a.at(id).detail);
        if (kind != parse::join_kind::inner && kind != parse::join_kind::straight) return false;
    }
    return true;
}

bool append_columns(const analysis& a, const table_reference& reference, std::vector<bool>& columns) {
    const resolved_table& table = resolved(a, reference);
    if (table.relation == nullptr) return false;
    const auto& hidden = table.relation->hidden_columns;
    for (const std::string& name : table.relation->columns)
        if (std::find(hidden.begin(), hidden.end(), name) == hidden.end())
            columns.push_back(table.kind == table_class::tenant && is_tenant_column(a, name));
    return true;
}

}  // namespace

std::optional<std::vector<bool>> star_columns(const analysis& a, node_id block, node_id star) {
    std::vector<bool> columns;
    if (!is_plain_join(a, block)) return std::nullopt;
    if (a.at(star).detail > 0) {
        // The name before `.*` is the last but two token.
        const table_reference* of = find_reference(a, block, a.name(a.at(star).end - 3));
        if (of == nullptr || !append_columns(a, *of, columns)) return std::nullopt;
        return columns;
    }
    for (const table_reference& reference : a.tree.tables)
        if (reference.block == block && !append_columns(a, reference, columns)) return std::nullopt;
    return columns;
}

}  // namespace fairlead::policy::mysql::guard

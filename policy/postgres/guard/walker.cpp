#include "policy/postgres/guard/walker.h"

#include <algorithm>

namespace fairlead::policy::postgres::guard {

void walker::visit(const tree_node& node) {
    if (a.refused()) return;
    const node_entry* entry = find_node_entry(node.descriptor);
    bool listed = entry != nullptr && (!entry->definition || !a.pool());
    if (!listed && a.strict())
        return a.refuse(rule::unknown_syntax, std::string("syntax of kind ") + node.descriptor->short_name +
                                                  " is refused for " + std::string(whom(a.where)));
    if (entry != nullptr && entry->rule != nullptr) return entry->rule(*this, node);
    children(node);
}

void walker::children(const tree_node& node, std::initializer_list<const tree_node*> except) {
    for_each_child(node, [&](const tree_node& child) {
        if (std::find(except.begin(), except.end(), &child) == except.end()) visit(child);
    });
}

bool walker::is_cte(std::string_view name) const {
    return std::find(visible_ctes_.begin(), visible_ctes_.end(), name) != visible_ctes_.end();
}

std::size_t walker::begin_with(const PgQuery__WithClause* with) {
    std::size_t mark = visible_ctes_.size();
    if (with == nullptr) return mark;
    std::vector<const PgQuery__CommonTableExpr*> ctes;
    for (std::size_t i = 0; i < with->n_ctes; ++i)
        if (auto* cte =
                as<PgQuery__CommonTableExpr>(unwrap(with->ctes[i]), pg_query__common_table_expr__descriptor))
            ctes.push_back(cte);
    // RECURSIVE: every name is visible in every body. Otherwise only the earlier ones: a body that names
    // itself or a later one means the table.
    if (with->recursive != 0)
        for (const auto* cte : ctes) visible_ctes_.push_back(text(cte->ctename));
    for (const auto* cte : ctes) {
        visit(cte->base);
        if (with->recursive == 0) visible_ctes_.push_back(text(cte->ctename));
    }
    return mark;
}

}  // namespace fairlead::policy::postgres::guard

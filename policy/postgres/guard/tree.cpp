#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

const tree_node* unwrap(const tree_node* node) {
    if (node == nullptr || node->descriptor != &pg_query__node__descriptor) return node;
    const auto* wrapper = reinterpret_cast<const PgQuery__Node*>(node);
    if (wrapper->node_case == PG_QUERY__NODE__NODE__NOT_SET) return nullptr;
    // All members of the union are message pointers, so any of them may be read through one of them.
    return reinterpret_cast<const tree_node*>(wrapper->alias);
}

std::string_view string_of(const PgQuery__Node* node) {
    if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_STRING) return {};
    return text(node->string->sval);
}

std::vector<std::string_view> strings_of(PgQuery__Node* const* items, std::size_t count) {
    std::vector<std::string_view> strings;
    strings.reserve(count);
    for (std::size_t i = 0; i < count; ++i) strings.push_back(string_of(items[i]));
    return strings;
}

qualified_name qualified(PgQuery__Node* const* items, std::size_t count) {
    qualified_name name;
    if (count > 0) name.name = string_of(items[count - 1]);
    if (count > 1) name.schema = string_of(items[count - 2]);
    return name;
}

}  // namespace fairlead::policy::postgres::guard

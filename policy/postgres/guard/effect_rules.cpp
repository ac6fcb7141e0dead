#include "policy/postgres/guard/effect_rules.h"

#include "policy/postgres/guard/function_list.h"

#include <algorithm>
#include <array>

namespace fairlead::policy::postgres::guard {

namespace {

bool changes_something(const tree_node& node) {
    const std::array kinds = {&pg_query__into_clause__descriptor, &pg_query__insert_stmt__descriptor,
                              &pg_query__update_stmt__descriptor, &pg_query__delete_stmt__descriptor,
                              &pg_query__merge_stmt__descriptor};
    return std::find(kinds.begin(), kinds.end(), node.descriptor) != kinds.end();
}

bool is_harmless_call(const PgQuery__FuncCall& function) {
    const qualified_name name = qualified(function.funcname, function.n_funcname);
    const bool may_be_built_in = name.schema.empty() || name.schema == "pg_catalog";
    return may_be_built_in && find_built_in(name.name) == function_family::allowed;
}

/// `(value).f` is f(value) where the value has no such column, and which columns it has is not known here.
bool may_call(const tree_node& node) {
    const auto* indirection = as<PgQuery__AIndirection>(&node, pg_query__a__indirection__descriptor);
    if (indirection == nullptr) return false;
    for (std::size_t i = 0; i < indirection->n_indirection; ++i)
        if (as<PgQuery__String>(unwrap(indirection->indirection[i]), pg_query__string__descriptor) != nullptr)
            return true;
    return false;
}

bool is_harmless(const tree_node& node) {
    if (changes_something(node) || may_call(node)) return false;
    const auto* function = as<PgQuery__FuncCall>(&node, pg_query__func_call__descriptor);
    if (function != nullptr && !is_harmless_call(*function)) return false;
    bool harmless = true;
    for_each_child(node, [&](const tree_node& child) { harmless = harmless && is_harmless(child); });
    return harmless;
}

}  // namespace

bool only_reads(const PgQuery__ParseResult& tree) {
    if (tree.n_stmts != 1) return false;
    const tree_node* statement = unwrap(tree.stmts[0]->stmt);
    return statement != nullptr && statement->descriptor == &pg_query__select_stmt__descriptor &&
           is_harmless(*statement);
}

}  // namespace fairlead::policy::postgres::guard

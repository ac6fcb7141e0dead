#include "policy/postgres/guard/column_rules.h"
#include "policy/postgres/guard/definition_rules.h"
#include "policy/postgres/guard/expression_rules.h"
#include "policy/postgres/guard/function_rules.h"
#include "policy/postgres/guard/query_rules.h"
#include "policy/postgres/guard/relation_rules.h"
#include "policy/postgres/guard/walker.h"

#include <unordered_map>

namespace fairlead::policy::postgres::guard {

namespace {

void on_star(walker&, const tree_node&) {}

// Everything that may stand below a statement. What is not here is refused where data is shared, so a new
// grammar rule of a newer libpg_query has to be read and judged before anybody can use it.
const node_entry entries[] = {
    // queries
    {&pg_query__select_stmt__descriptor, on_select},
    {&pg_query__insert_stmt__descriptor, on_insert},
    {&pg_query__update_stmt__descriptor, on_update},
    {&pg_query__delete_stmt__descriptor, on_delete},
    {&pg_query__merge_stmt__descriptor, on_merge},
    {&pg_query__merge_when_clause__descriptor, nullptr},
    {&pg_query__on_conflict_clause__descriptor, nullptr},
    {&pg_query__infer_clause__descriptor, nullptr},
    {&pg_query__index_elem__descriptor, on_index_element},
    {&pg_query__with_clause__descriptor, nullptr},
    {&pg_query__common_table_expr__descriptor, nullptr},
    {&pg_query__ctesearch_clause__descriptor, nullptr},
    {&pg_query__ctecycle_clause__descriptor, nullptr},
    // FROM
    {&pg_query__range_var__descriptor, on_range_variable},
    {&pg_query__join_expr__descriptor, on_join},
    {&pg_query__range_subselect__descriptor, on_range_subselect},
    {&pg_query__range_function__descriptor, on_range_function},
    {&pg_query__range_table_func__descriptor, on_range_table_function},
    {&pg_query__range_table_func_col__descriptor, nullptr},
    {&pg_query__range_table_sample__descriptor, on_table_sample},
    {&pg_query__alias__descriptor, nullptr},
    {&pg_query__column_def__descriptor, nullptr},
    // lists and columns
    {&pg_query__res_target__descriptor, nullptr},
    {&pg_query__multi_assign_ref__descriptor, nullptr},
    {&pg_query__sort_by__descriptor, on_sort},
    {&pg_query__window_def__descriptor, nullptr},
    {&pg_query__grouping_set__descriptor, nullptr},
    {&pg_query__column_ref__descriptor, on_column_reference},
    {&pg_query__a__star__descriptor, on_star},
    {&pg_query__list__descriptor, nullptr},
    {&pg_query__def_elem__descriptor, on_definition_element},
    // expressions
    {&pg_query__a__const__descriptor, nullptr},
    {&pg_query__integer__descriptor, nullptr},
    {&pg_query__float__descriptor, nullptr},
    {&pg_query__boolean__descriptor, nullptr},
    {&pg_query__string__descriptor, nullptr},
    {&pg_query__bit_string__descriptor, nullptr},
    {&pg_query__param_ref__descriptor, nullptr},
    {&pg_query__a__expr__descriptor, on_expression},
    {&pg_query__bool_expr__descriptor, nullptr},
    {&pg_query__null_test__descriptor, nullptr},
    {&pg_query__boolean_test__descriptor, nullptr},
    {&pg_query__case_expr__descriptor, nullptr},
    {&pg_query__case_when__descriptor, nullptr},
    {&pg_query__coalesce_expr__descriptor, nullptr},
    {&pg_query__min_max_expr__descriptor, nullptr},
    {&pg_query__row_expr__descriptor, nullptr},
    {&pg_query__a__array_expr__descriptor, nullptr},
    {&pg_query__a__indirection__descriptor, on_indirection},
    {&pg_query__a__indices__descriptor, nullptr},
    {&pg_query__sub_link__descriptor, on_sublink},
    {&pg_query__func_call__descriptor, on_function_call},
    {&pg_query__named_arg_expr__descriptor, nullptr},
    {&pg_query__grouping_func__descriptor, nullptr},
    {&pg_query__sqlvalue_function__descriptor, nullptr},
    {&pg_query__xml_expr__descriptor, nullptr},
    {&pg_query__xml_serialize__descriptor, nullptr},
    {&pg_query__set_to_default__descriptor, nullptr},
    {&pg_query__current_of_expr__descriptor, nullptr},
    {&pg_query__type_cast__descriptor, on_type_cast},
    {&pg_query__type_name__descriptor, on_type_name},
    {&pg_query__collate_clause__descriptor, on_collate},
    // DDL, where a tenant owns its schema
    {&pg_query__create_stmt__descriptor, nullptr, true},
    {&pg_query__create_table_as_stmt__descriptor, nullptr, true},
    {&pg_query__into_clause__descriptor, nullptr, true},
    {&pg_query__index_stmt__descriptor, nullptr, true},
    {&pg_query__view_stmt__descriptor, nullptr, true},
    {&pg_query__alter_table_stmt__descriptor, nullptr, true},
    {&pg_query__alter_table_cmd__descriptor, on_alter_command, true},
    {&pg_query__drop_stmt__descriptor, on_drop, true},
    {&pg_query__rename_stmt__descriptor, on_rename, true},
    {&pg_query__create_seq_stmt__descriptor, nullptr, true},
    {&pg_query__alter_seq_stmt__descriptor, nullptr, true},
    {&pg_query__create_enum_stmt__descriptor, on_create_enum, true},
    {&pg_query__alter_enum_stmt__descriptor, on_alter_enum, true},
    {&pg_query__composite_type_stmt__descriptor, nullptr, true},
    {&pg_query__create_domain_stmt__descriptor, on_create_domain, true},
    {&pg_query__truncate_stmt__descriptor, nullptr, true},
    {&pg_query__lock_stmt__descriptor, nullptr, true},
    {&pg_query__vacuum_stmt__descriptor, on_vacuum, true},
    {&pg_query__vacuum_relation__descriptor, nullptr, true},
    {&pg_query__refresh_mat_view_stmt__descriptor, nullptr, true},
    {&pg_query__cluster_stmt__descriptor, on_cluster, true},
    {&pg_query__reindex_stmt__descriptor, on_reindex, true},
    {&pg_query__comment_stmt__descriptor, on_comment, true},
    {&pg_query__create_function_stmt__descriptor, on_create_function, true},
    {&pg_query__define_stmt__descriptor, on_define, true},
    {&pg_query__alter_owner_stmt__descriptor, on_alter_owner, true},
    {&pg_query__sec_label_stmt__descriptor, on_security_label, true},
    {&pg_query__grant_stmt__descriptor, on_grant, true},
    {&pg_query__constraint__descriptor, on_constraint, true},
    {&pg_query__table_like_clause__descriptor, nullptr, true},
    {&pg_query__partition_spec__descriptor, nullptr, true},
    {&pg_query__partition_elem__descriptor, on_partition_element, true},
    {&pg_query__partition_bound_spec__descriptor, nullptr, true},
    {&pg_query__partition_cmd__descriptor, nullptr, true},
};

}  // namespace

const node_entry* find_node_entry(const ProtobufCMessageDescriptor* descriptor) {
    static const auto by_descriptor = [] {
        std::unordered_map<const ProtobufCMessageDescriptor*, const node_entry*> map;
        for (const node_entry& entry : entries) map.emplace(entry.descriptor, &entry);
        return map;
    }();
    auto at = by_descriptor.find(descriptor);
    return at == by_descriptor.end() ? nullptr : at->second;
}

}  // namespace fairlead::policy::postgres::guard

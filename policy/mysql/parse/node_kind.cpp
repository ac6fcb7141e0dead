#include "policy/mysql/parse/node_kind.h"

#include <array>
#include <cstddef>

namespace fairlead::policy::mysql::parse {

namespace {

constexpr std::array<std::string_view, 71> node_kind_names = {"text",
                                                              "statement",
                                                              "with_clause",
                                                              "common_table",
                                                              "query",
                                                              "set_operation",
                                                              "set_operator",
                                                              "parenthesised_query",
                                                              "query_block",
                                                              "select_item",
                                                              "from_clause",
                                                              "where_clause",
                                                              "group_by",
                                                              "having",
                                                              "order_by",
                                                              "order_item",
                                                              "limit",
                                                              "locking",
                                                              "into",
                                                              "procedure",
                                                              "row",
                                                              "table",
                                                              "derived_table",
                                                              "json_table",
                                                              "join",
                                                              "join_on",
                                                              "join_using",
                                                              "parenthesised_tables",
                                                              "column_list",
                                                              "name",
                                                              "assignment",
                                                              "assignment_list",
                                                              "duplicate_update",
                                                              "returning",
                                                              "delete_targets",
                                                              "delete_target",
                                                              "words",
                                                              "character_set",
                                                              "literal",
                                                              "temporal_literal",
                                                              "placeholder",
                                                              "column_reference",
                                                              "star",
                                                              "user_variable",
                                                              "system_variable",
                                                              "user_assignment",
                                                              "function_call",
                                                              "unary",
                                                              "binary",
                                                              "logical",
                                                              "comparison",
                                                              "quantified",
                                                              "between",
                                                              "in_list",
                                                              "in_query",
                                                              "like",
                                                              "regexp",
                                                              "is_test",
                                                              "case_of",
                                                              "cast",
                                                              "collate",
                                                              "interval",
                                                              "match_against",
                                                              "exists",
                                                              "subquery",
                                                              "parenthesised",
                                                              "default_value",
                                                              "default_of",
                                                              "values_of",
                                                              "window",
                                                              "window_definition"};
static_assert(node_kind_names.size() == static_cast<std::size_t>(node_kind::window_definition) + 1);

constexpr std::array<std::string_view, 36> statement_kind_names = {"select",
                                                                   "insert",
                                                                   "replace",
                                                                   "update",
                                                                   "delete",
                                                                   "load_data",
                                                                   "do",
                                                                   "call",
                                                                   "handler",
                                                                   "explain",
                                                                   "describe",
                                                                   "prepare",
                                                                   "execute",
                                                                   "deallocate",
                                                                   "execute_immediate",
                                                                   "set",
                                                                   "set_transaction",
                                                                   "set_password",
                                                                   "set_role",
                                                                   "set_statement",
                                                                   "use",
                                                                   "show",
                                                                   "kill",
                                                                   "begin",
                                                                   "commit",
                                                                   "rollback",
                                                                   "savepoint",
                                                                   "rollback_to",
                                                                   "release_savepoint",
                                                                   "xa",
                                                                   "lock_tables",
                                                                   "unlock_tables",
                                                                   "create_temporary_table",
                                                                   "drop_temporary_table",
                                                                   "get_diagnostics",
                                                                   "other"};
static_assert(statement_kind_names.size() == static_cast<std::size_t>(statement_kind::other) + 1);

}  // namespace

std::string_view to_string(node_kind kind) {
    return node_kind_names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(statement_kind kind) {
    return statement_kind_names[static_cast<std::size_t>(kind)];
}

}  // namespace fairlead::policy::mysql::parse

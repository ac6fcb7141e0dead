#pragma once

#include "policy/rule_text.h"

#include <cstdint>
#include <span>

namespace fairlead::policy::mysql {

/// Every reason for which the guard refuses a statement. Order is that of the table in rules.cpp.
enum class rule : std::uint8_t {
    syntax_error,
    too_complex,
    unknown_syntax,
    not_verified,
    // relations
    unknown_table,
    table_not_isolated,
    other_database,
    view,
    relation_kind,
    tenant_collation,
    global_table_write,
    outer_join,
    with_name,
    with_recursive,
    // writes
    tenant_value,
    tenant_column_update,
    upsert_unique_key,
    column_count,
    unknown_column,
    load_data,
    // dictionary
    information_schema,
    system_database,
    show_statement,
    explain_analyze,
    // expressions
    unknown_function,
    stored_function,
    advisory_lock,
    sleep,
    server_file,
    replication,
    procedure_analyse,
    system_variable,
    // session
    session_setting,
    sql_mode,
    character_set,
    global_setting,
    tenant_variable,
    role_change,
    temporary_table,
    lock_tables,
    handler,
    text_prepare,
    dynamic_sql,
    diagnostics,
    // statements
    ddl,
    truncate,
    privileges,
    maintenance,
    procedure_call,
    compound_statement,
    server_control,
    kill,
    // transactions and batches
    xa,
    several_statements,
    setting_in_batch,
    session_command_in_batch,
    count_,
};

const rule_text& describe(rule value);

/// All rules, for docs/sql-support.md and `fairlead explain`.
std::span<const rule_text> all_rules();

}  // namespace fairlead::policy::mysql

#pragma once

#include "policy/rule_text.h"

#include <cstdint>
#include <span>

namespace fairlead::policy::postgres {

/// Every reason for which the guard refuses a statement. Order is that of the table in rules.cpp.
enum class rule : std::uint8_t {
    syntax_error,
    too_complex,
    unknown_syntax,
    // relations
    unknown_table,
    table_not_isolated,
    global_table_write,
    view_not_invoker,
    view_write,
    relation_kind,
    other_schema,
    fairlead_schema,
    tenant_column_update,
    upsert_unique_key,
    // catalogues
    catalogue_activity,
    catalogue_statistics,
    catalogue_unlisted,
    catalogue_write,
    // expressions
    unknown_function,
    unknown_operator,
    unknown_type,
    unknown_column,
    advisory_lock,
    dynamic_sql,
    server_file,
    large_object,
    sleep,
    server_control,
    replication,
    snapshot,
    sequence_state,
    size_function,
    internal_function,
    // session
    session_setting,
    session_state,
    role_change,
    notification,
    temporary_object,
    holdable_cursor,
    fairlead_setting,
    // statements
    ddl,
    truncate,
    lock_table,
    privileges,
    shared_metadata,
    maintenance,
    procedure_call,
    shared_instance,
    copy_file,
    copy_from,
    explain_analyze,
    // transactions and batches
    two_phase,
    transaction_chain,
    transaction_in_batch,
    session_command_in_batch,
    count_,
};

const rule_text& describe(rule value);

/// All rules, for docs/sql-support.md and `fairlead explain`.
std::span<const rule_text> all_rules();

}  // namespace fairlead::policy::postgres

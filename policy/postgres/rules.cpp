#include "policy/postgres/rules.h"

#include <cstddef>

namespace fairlead::policy::postgres {

namespace {

constexpr rule_entry<rule> entries[] = {
    {rule::syntax_error, "syntax-error",
     "The text could not be parsed; what is not understood is not forwarded.",
     "The guard reads the grammar of PostgreSQL 15 and refuses what it cannot parse; correct the statement.",
     "42601"},
    {rule::too_complex, "too-complex", "The text is nested too deeply for the parser's stack.",
     "Break the statement up; depth counts brackets and the operators of one expression, at most 1000.",
     "54001"},
    {rule::unknown_syntax, "unknown-syntax",
     "A kind of statement or expression that is not on the guard's list.",
     "Rewrite the statement without it, or move this tenant to a silo placement.", "0A000"},
    {rule::unknown_table, "unknown-table", "A relation that is not in the placement's catalogue.",
     "Only tables the proxy has seen in the placement's database can be used; a new table becomes known "
     "within "
     "catalogue_refresh.",
     "42P01"},
    {rule::table_not_isolated, "table-not-isolated",
     "A table with neither a row policy for the tenant column nor an entry in global_tables.",
     "Give it a tenant column and run `fairlead policy install`, or name it in global_tables of the "
     "placement."},
    {rule::global_table_write, "global-table-write",
     "A write or a row lock on a global table, which every tenant reads.",
     "Change global tables through an operator connection, not as a tenant."},
    {rule::view_not_invoker, "view-not-invoker",
     "A view that runs with its owner's rights, for whom row policies may not hold.",
     "Recreate it WITH (security_invoker = true)."},
    {rule::view_write, "view-write", "A write or a row lock through a view.", "Name the table itself."},
    {rule::relation_kind, "relation-kind",
     "A materialized view, a foreign table or a sequence read as a table: row policies do not reach it.",
     "Read the tables it is made of; for sequences use nextval().", "0A000"},
    {rule::other_schema, "other-schema", "A name in a schema that does not belong to this tenant.",
     "Name objects without schema; search_path leads to the tenant's own."},
    {rule::fairlead_schema, "fairlead-schema", "Fairlead's own schema, which holds the signing keys.",
     "There is nothing in it for clients."},
    {rule::tenant_column_update, "tenant-column-update",
     "With isolation `guc`: an assignment to the tenant column of an existing row. With `sealed` the row "
     "policy "
     "lets the tenant's own value pass and fails every other.",
     "Leave the tenant column out of SET; a row cannot change its tenant."},
    {rule::upsert_unique_key, "upsert-unique-key",
     "ON CONFLICT on a table with a unique key that lacks the tenant column: it would find other tenants' "
     "rows.",
     "Put the tenant column into the key, or INSERT without ON CONFLICT."},
    {rule::catalogue_activity, "catalogue-activity",
     "A system view that shows what other sessions, tenants or databases do.",
     "Ask through an operator connection; the proxy's own figures are at /metrics."},
    {rule::catalogue_statistics, "catalogue-statistics",
     "Statistics of shared tables, which are made of all tenants' rows (pg_stats, pg_class.reltuples, ...).",
     "Name the columns you need instead of *; count your own rows with count(*)."},
    {rule::catalogue_unlisted, "catalogue-unlisted", "A system catalogue that is not on the guard's list.",
     "The catalogues that describe tables, columns, types, constraints and functions can be read."},
    {rule::catalogue_write, "catalogue-write", "A write to a system catalogue.",
     "Catalogues cannot be written."},
    {rule::unknown_function, "unknown-function",
     "A function that is not a harmless built-in one; it may run with its owner's rights.",
     "Name it in allowed_functions of the placement if it is safe for every tenant."},
    {rule::unknown_operator, "unknown-operator", "An operator of a schema other than pg_catalog.",
     "Use the built-in operators."},
    {rule::unknown_type, "unknown-type", "A type or collation of a schema that the placement does not have.",
     "Use built-in types, or those of the placement's own schemas."},
    {rule::unknown_column, "unknown-column",
     "A field of a value (x.f, (x).f) that is no known column: PostgreSQL would call a function f(x).",
     "Use a column of the table; if f is a function or a composite type's field, name it in "
     "allowed_functions."},
    {rule::advisory_lock, "advisory-lock",
     "Advisory locks: their numbers are shared by all tenants of the database.",
     "Lock a row of your own with SELECT ... FOR UPDATE."},
    {rule::dynamic_sql, "dynamic-sql", "A built-in function that runs SQL text, which the guard cannot see.",
     "Send the query itself."},
    {rule::server_file, "server-file", "A function that reads or writes files of the database server.",
     "Transfer data through the client connection."},
    {rule::large_object, "large-object",
     "Large objects: their numbers are shared by all tenants, without policy.", "Use a bytea column."},
    {rule::sleep, "sleep", "pg_sleep: it holds a shared server connection and does nothing.",
     "Sleep in the client."},
    {rule::server_control, "server-control", "A function that steers the server or other sessions.",
     "Cancel your own query through the protocol's cancel request."},
    {rule::replication, "replication",
     "Replication and write-ahead log functions: they show all tenants' changes.",
     "Use an operator connection."},
    {rule::snapshot, "snapshot", "Transaction numbers and snapshots, which count all tenants' work.",
     "Use a sequence or a uuid to number your own work."},
    {rule::sequence_state, "sequence-state",
     "setval, currval and lastval: they change or show what another client of the connection did.",
     "Use INSERT ... RETURNING, or nextval()."},
    {rule::size_function, "size-function", "Sizes of shared tables and databases.", "Count your own rows."},
    {rule::internal_function, "internal-function", "A built-in function that is not on the guard's list.",
     "Use another function; if this one is harmless, name it in allowed_functions of the placement."},
    {rule::session_setting, "session-setting",
     "A setting that is not on the guard's list, or a value beyond what the list allows.",
     "docs/sql-support.md lists the settings a tenant may change."},
    {rule::session_state, "session-state", "State of the server connection, which is shared.",
     "The proxy gives every client a clean session; nothing needs to be discarded."},
    {rule::role_change, "role-change", "A change of the current role.",
     "The role belongs to the placement's backend; use another credential."},
    {rule::notification, "notification", "LISTEN and NOTIFY: channel names are shared by all tenants.",
     "Use a table of your own as a queue, or a silo placement."},
    {rule::temporary_object, "temporary-object",
     "Temporary objects: they live on a server connection that other tenants use next.",
     "Use WITH queries, or a table with the tenant column."},
    {rule::holdable_cursor, "holdable-cursor",
     "A cursor WITH HOLD outlives its transaction on a shared connection.",
     "Use a cursor without HOLD inside a transaction, or the protocol's portals."},
    {rule::fairlead_setting, "fairlead-setting", "A setting of Fairlead's own.",
     "Only SET fairlead.tenant = '...' is for clients, alone and between transactions."},
    {rule::ddl, "ddl", "Definition of shared objects.", "Change the schema through an operator connection."},
    {rule::truncate, "truncate", "TRUNCATE ignores row policies.", "Use DELETE."},
    {rule::lock_table, "lock-table", "LOCK TABLE stops every tenant of the table.",
     "Lock rows of your own with SELECT ... FOR UPDATE."},
    {rule::privileges, "privileges", "Privileges, roles and policies.", "Use an operator connection."},
    {rule::shared_metadata, "shared-metadata", "Comments and labels that all tenants share.",
     "Use an operator connection."},
    {rule::maintenance, "maintenance", "Maintenance of shared tables.", "Use an operator connection."},
    {rule::procedure_call, "procedure-call", "CALL and DO run code that the guard cannot see.",
     "Send the statements themselves."},
    {rule::shared_instance, "shared-instance",
     "A command that changes the database server for all its tenants.",
     "Use an operator connection, or a silo placement."},
    {rule::copy_file, "copy-file", "COPY from or to a file or program of the database server.",
     "Use COPY ... FROM STDIN or TO STDOUT."},
    {rule::copy_from, "copy-from", "COPY FROM: PostgreSQL refuses it on tables with row policies.",
     "Use INSERT with many rows, or INSERT ... SELECT unnest(...).", "0A000"},
    {rule::explain_analyze, "explain-analyze",
     "EXPLAIN ANALYZE shows how many rows of other tenants were removed.", "Use EXPLAIN without ANALYZE."},
    {rule::two_phase, "two-phase",
     "Prepared transactions outlive the connection, and their names are shared.", "Use COMMIT."},
    {rule::transaction_chain, "transaction-chain",
     "AND CHAIN begins a transaction in which the tenant is not yet known.",
     "Send COMMIT and BEGIN as two messages."},
    {rule::transaction_in_batch, "transaction-in-batch",
     "A statement after COMMIT, ROLLBACK or RESET ALL in the same text would run without the tenant.",
     "Send what follows as a message of its own."},
    {rule::session_command_in_batch, "session-command-in-batch",
     "PREPARE, EXECUTE, DEALLOCATE, DISCARD ALL and SET fairlead.tenant cannot share a text with other "
     "statements.",
     "Send it as a message of its own.", "0A000"},
};

constexpr auto rules = texts_by_rule(entries);
static_assert(rules.size() == static_cast<std::size_t>(rule::count_));

}  // namespace

const rule_text& describe(rule value) {
    return rules[static_cast<std::size_t>(value)];
}

std::span<const rule_text> all_rules() {
    return rules;
}

}  // namespace fairlead::policy::postgres

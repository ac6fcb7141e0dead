#include "policy/mysql/rules.h"

#include <cstddef>

namespace fairlead::policy::mysql {

namespace {

// SQLSTATE 42000 with error 1235 ("not supported yet") is what a refusal looks like to a client, whatever the
// rule.
constexpr std::string_view state = "42000";

constexpr rule_entry<rule> entries[] = {
    {rule::syntax_error, "syntax-error",
     "The text could not be read as the server would read it; what is not understood is not forwarded.",
     "Correct the statement. Texts that servers or versions read differently are refused, too.", state},
    {rule::too_complex, "too-complex", "The text is too long or nested too deeply.",
     "Break the statement up.", state},
    {rule::unknown_syntax, "unknown-syntax",
     "A kind of statement, or a part of one, that the guard does not read.",
     "Rewrite the statement without it, or move this tenant to a silo placement.", state},
    {rule::not_verified, "not-verified",
     "The rewritten statement did not pass the separate check of its filters: a defect of the guard, or a "
     "statement made to find one.",
     "Report the statement; until then write it in a simpler way.", state},
    {rule::unknown_table, "unknown-table", "A table that is not in the placement's catalogue.",
     "Only tables the proxy has seen in the placement's database can be used; a new table becomes known "
     "within catalogue_refresh.",
     state},
    {rule::table_not_isolated, "table-not-isolated",
     "A table with neither the tenant column nor an entry in global_tables.",
     "Give it the tenant column, or name it in global_tables of the placement.", state},
    {rule::other_database, "other-database", "A name in a database that does not belong to this tenant.",
     "Name tables without database; the connection's database is the tenant's own.", state},
    {rule::view, "view",
     "A view: it reads its tables with its definer's rights, where no tenant's filter reaches.",
     "Read the tables themselves, or name the view in global_tables if it is safe for every tenant.", state},
    {rule::relation_kind, "relation-kind", "A sequence, or another relation that has no rows of tenants.",
     "Use tables; for numbers use AUTO_INCREMENT columns.", state},
    {rule::tenant_collation, "tenant-collation",
     "A table whose tenant column takes other ids for this one, by its collation ('ACME' or 'acme ' for "
     "'acme').",
     "Give the column an exact collation: ascii_nopad_bin or utf8mb4_nopad_bin on MariaDB, utf8mb4_0900_bin "
     "on MySQL, or a binary or integer type.",
     state},
    {rule::global_table_write, "global-table-write",
     "A write or a row lock on a global table, which every tenant reads.",
     "Change global tables through an operator connection, not as a tenant.", state},
    {rule::outer_join, "outer-join",
     "A locking read, UPDATE or DELETE with a table on the optional side of NATURAL or USING outer joins: "
     "the "
     "tenant's filter has no place there.",
     "Write the join condition with ON.", state},
    {rule::with_name, "with-name",
     "A name that could be the table's or that of an element of WITH: servers differ, and some take one for "
     "the "
     "other where clauses nest.",
     "Give the element of WITH a name that no table has, and that differs from others by more than case.",
     state},
    {rule::with_recursive, "with-recursive",
     "WITH RECURSIVE beside another WITH in one text: MariaDB 10.11 crashes on some such statements, for all "
     "tenants of the server.",
     "Write one WITH RECURSIVE with all elements in it; elements need not be recursive.", state},
    {rule::tenant_value, "tenant-value", "A row written for another tenant.",
     "Leave the tenant column out; it is filled in.", state},
    {rule::tenant_column_update, "tenant-column-update",
     "An assignment to the tenant column of an existing row.",
     "Leave the tenant column out of SET; a row cannot change its tenant.", state},
    {rule::upsert_unique_key, "upsert-unique-key",
     "REPLACE, ON DUPLICATE KEY UPDATE and IGNORE on a table with a unique key that lacks the tenant column: "
     "they would find, change or delete other tenants' rows.",
     "Put the tenant column into the key, or use a plain INSERT or UPDATE.", state},
    {rule::column_count, "column-count",
     "An INSERT whose values cannot be matched with the table's columns, so that the tenant's place is not "
     "known.",
     "Name the columns: INSERT INTO t (a, b) ...", state},
    {rule::unknown_column, "unknown-column",
     "An assignment in a multi-table UPDATE to a column that cannot be told to be of a tenant's table.",
     "Write the table's alias before the column.", state},
    {rule::load_data, "load-data",
     "LOAD DATA and LOAD XML: the rows do not pass through the guard, or come from the server's files.",
     "Use INSERT with many rows. LOAD DATA LOCAL works for tenants with a database of their own.", state},
    {rule::information_schema, "information-schema",
     "A table of information_schema that is not on the guard's list.",
     "TABLES, COLUMNS, STATISTICS, KEY_COLUMN_USAGE, the constraints, character sets and collations can be "
     "read, of the own database.",
     state},
    {rule::system_database, "system-database",
     "The databases mysql, performance_schema and sys, which show all tenants' work.",
     "Ask through an operator connection; the proxy's own figures are at /metrics.", state},
    {rule::show_statement, "show-statement",
     "A SHOW that tells of other sessions, of all tenants' rows, or of the server.",
     "SHOW TABLES, SHOW COLUMNS, SHOW WARNINGS and SHOW VARIABLES LIKE 'name' work.", state},
    {rule::explain_analyze, "explain-analyze",
     "ANALYZE and EXPLAIN ANALYZE show how many rows of other tenants were examined.",
     "Use EXPLAIN without ANALYZE.", state},
    {rule::unknown_function, "unknown-function",
     "A function that is not on the guard's list of harmless built-in ones.",
     "Name it in allowed_functions of the placement if it is safe for every tenant.", state},
    {rule::stored_function, "stored-function",
     "A stored function: it runs with its definer's rights, where no tenant's filter reaches.",
     "Name it in allowed_functions of the placement if it is safe for every tenant.", state},
    {rule::advisory_lock, "advisory-lock",
     "GET_LOCK and its kind: lock names are shared by the whole server.",
     "Lock a row of your own with SELECT ... FOR UPDATE.", state},
    {rule::sleep, "sleep", "SLEEP and BENCHMARK: they hold a shared server connection and do nothing.",
     "Sleep in the client.", state},
    {rule::server_file, "server-file",
     "Files of the database server: LOAD_FILE, INTO OUTFILE, INTO DUMPFILE, LOAD DATA without LOCAL.",
     "Transfer data through the client connection.", state},
    {rule::replication, "replication", "Functions that wait for or show the replication of all tenants.",
     "Use an operator connection.", state},
    {rule::procedure_analyse, "procedure-analyse",
     "PROCEDURE ANALYSE reports on the rows that were read, in ways of its own.",
     "Ask for MIN, MAX and COUNT.", state},
    {rule::system_variable, "system-variable", "A system variable that is not on the guard's list.",
     "docs/sql-support.md lists those that can be read and set.", state},
    {rule::session_setting, "session-setting",
     "A setting that is not on the guard's list, or a value beyond what the list allows.",
     "docs/sql-support.md lists the settings a tenant may change.", state},
    {rule::sql_mode, "sql-mode",
     "A mode of sql_mode that changes how texts are read in ways the guard does not follow, or a value that "
     "is no plain text.",
     "MSSQL, ORACLE and the like are out of reach; the usual modes can be set, as a string.", state},
    {rule::character_set, "character-set",
     "A character set in which a quote can be half a character (gbk, sjis, big5, ...), or an unknown one.",
     "Use utf8mb4, utf8mb3, latin1, ascii or binary.", state},
    {rule::global_setting, "global-setting", "SET GLOBAL and SET PERSIST change the server for all tenants.",
     "Use SET SESSION, or an operator connection.", state},
    {rule::tenant_variable, "tenant-variable",
     "A user variable with a name that stands for the tenant, or one of Fairlead's own.",
     "Only SET @fairlead_tenant = '...' is for clients, alone and between transactions.", state},
    {rule::role_change, "role-change", "A change of the current role or of a password.",
     "The account belongs to the placement's backend; use another credential.", state},
    {rule::temporary_table, "temporary-table",
     "Temporary tables: they live on a server connection that other tenants use next, and may take a "
     "table's name.",
     "Use WITH queries, or a table with the tenant column.", state},
    {rule::lock_tables, "lock-tables", "LOCK TABLES stops every tenant of the table.",
     "Lock rows of your own with SELECT ... FOR UPDATE.", state},
    {rule::handler, "handler", "HANDLER reads a table's rows without any condition.", "Use SELECT.", state},
    {rule::text_prepare, "text-prepare",
     "PREPARE of anything but one plain string with one SELECT, INSERT, REPLACE, UPDATE or DELETE that "
     "leaves "
     "the session alone; EXECUTE with other values than user variables.",
     "Write the text as one literal, or use the driver's prepared statements (the binary protocol).", state},
    {rule::dynamic_sql, "dynamic-sql", "A statement that runs SQL text which the guard cannot see.",
     "Send the statement itself.", state},
    {rule::diagnostics, "diagnostics", "GET DIAGNOSTICS and the like.", "Use SHOW WARNINGS.", state},
    {rule::ddl, "ddl", "Definition of shared objects.", "Change the schema through an operator connection.",
     state},
    {rule::truncate, "truncate", "TRUNCATE removes all tenants' rows.", "Use DELETE.", state},
    {rule::privileges, "privileges", "Accounts, roles and privileges.", "Use an operator connection.", state},
    {rule::maintenance, "maintenance", "Maintenance of shared tables.", "Use an operator connection.", state},
    {rule::procedure_call, "procedure-call", "CALL runs code that the guard cannot see.",
     "Send the statements themselves.", state},
    {rule::compound_statement, "compound-statement",
     "BEGIN NOT ATOMIC, IF, CASE, LOOP and their kind outside of routines.",
     "Send the statements one by one.", state},
    {rule::server_control, "server-control",
     "A command that steers the server or shows its inside (FLUSH, RESET, SHUTDOWN, INSTALL, ...).",
     "Use an operator connection.", state},
    {rule::kill, "kill", "A KILL of anything but a connection's id.",
     "KILL id and KILL QUERY id reach the tenant's own connections.", state},
    {rule::xa, "xa", "XA transactions outlive the connection, and their names are shared.",
     "Use BEGIN and COMMIT.", state},
    {rule::several_statements, "several-statements",
     "Several statements in one text, from a client that did not ask for them or in a prepared statement.",
     "Send them one by one, or connect with the multi-statements option.", state},
    {rule::setting_in_batch, "setting-in-batch",
     "A change of sql_mode or character set together with other statements: it would change how the rest is "
     "read.",
     "Send it as a message of its own.", state},
    {rule::session_command_in_batch, "session-command-in-batch",
     "USE, KILL, PREPARE, EXECUTE, DEALLOCATE and SET @fairlead_tenant cannot share a text with other "
     "statements.",
     "Send it as a message of its own.", state},
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

}  // namespace fairlead::policy::mysql

#include "policy/postgres/guard/statement_list.h"

#include "policy/postgres/guard/analysis.h"

#include <unordered_map>

namespace fairlead::policy::postgres::guard {

namespace {

constexpr auto pool = static_cast<std::uint8_t>(reach::shared_tables);
constexpr auto schema = static_cast<std::uint8_t>(pool | static_cast<std::uint8_t>(reach::own_schema));
constexpr auto instance = static_cast<std::uint8_t>(schema | static_cast<std::uint8_t>(reach::own_database));

// Refused among shared tables (pool), also in a schema of one's own (schema), also in a database of one's own
// on a shared server (instance). A server of one's own takes everything.
const refused_statement statements[] = {
    {&pg_query__truncate_stmt__descriptor, rule::truncate, "TRUNCATE", pool},
    {&pg_query__lock_stmt__descriptor, rule::lock_table, "LOCK TABLE", pool},
    {&pg_query__vacuum_stmt__descriptor, rule::maintenance, "VACUUM or ANALYZE", pool},
    {&pg_query__cluster_stmt__descriptor, rule::maintenance, "CLUSTER", pool},
    {&pg_query__reindex_stmt__descriptor, rule::maintenance, "REINDEX", pool},
    {&pg_query__refresh_mat_view_stmt__descriptor, rule::maintenance, "REFRESH MATERIALIZED VIEW", pool},
    {&pg_query__check_point_stmt__descriptor, rule::shared_instance, "CHECKPOINT", instance},
    {&pg_query__comment_stmt__descriptor, rule::shared_metadata, "COMMENT", pool},
    {&pg_query__sec_label_stmt__descriptor, rule::shared_metadata, "SECURITY LABEL", schema},
    {&pg_query__notify_stmt__descriptor, rule::notification, "NOTIFY", schema},
    {&pg_query__listen_stmt__descriptor, rule::notification, "LISTEN", schema},
    {&pg_query__call_stmt__descriptor, rule::procedure_call, "CALL", schema},
    {&pg_query__do_stmt__descriptor, rule::procedure_call, "DO", instance},
    {&pg_query__load_stmt__descriptor, rule::server_file, "LOAD", instance},
    // definitions
    {&pg_query__create_stmt__descriptor, rule::ddl, "CREATE TABLE", pool},
    {&pg_query__create_table_as_stmt__descriptor, rule::ddl, "CREATE TABLE AS", pool},
    {&pg_query__index_stmt__descriptor, rule::ddl, "CREATE INDEX", pool},
    {&pg_query__view_stmt__descriptor, rule::ddl, "CREATE VIEW", pool},
    {&pg_query__alter_table_stmt__descriptor, rule::ddl, "ALTER TABLE", pool},
    {&pg_query__alter_table_move_all_stmt__descriptor, rule::ddl, "ALTER TABLE ALL IN TABLESPACE", instance},
    {&pg_query__drop_stmt__descriptor, rule::ddl, "DROP", pool},
    {&pg_query__rename_stmt__descriptor, rule::ddl, "ALTER ... RENAME", pool},
    {&pg_query__create_seq_stmt__descriptor, rule::ddl, "CREATE SEQUENCE", pool},
    {&pg_query__alter_seq_stmt__descriptor, rule::ddl, "ALTER SEQUENCE", pool},
    {&pg_query__create_enum_stmt__descriptor, rule::ddl, "CREATE TYPE", pool},
    {&pg_query__alter_enum_stmt__descriptor, rule::ddl, "ALTER TYPE", pool},
    {&pg_query__composite_type_stmt__descriptor, rule::ddl, "CREATE TYPE", pool},
    {&pg_query__create_range_stmt__descriptor, rule::ddl, "CREATE TYPE", schema},
    {&pg_query__alter_type_stmt__descriptor, rule::ddl, "ALTER TYPE", schema},
    {&pg_query__create_domain_stmt__descriptor, rule::ddl, "CREATE DOMAIN", pool},
    {&pg_query__alter_domain_stmt__descriptor, rule::ddl, "ALTER DOMAIN", schema},
    {&pg_query__define_stmt__descriptor, rule::ddl, "this CREATE command", schema},
    {&pg_query__create_function_stmt__descriptor, rule::ddl, "CREATE FUNCTION", schema},
    {&pg_query__alter_function_stmt__descriptor, rule::ddl, "ALTER FUNCTION", schema},
    {&pg_query__create_trig_stmt__descriptor, rule::ddl, "CREATE TRIGGER", schema},
    {&pg_query__create_event_trig_stmt__descriptor, rule::ddl, "CREATE EVENT TRIGGER", schema},
    {&pg_query__alter_event_trig_stmt__descriptor, rule::ddl, "ALTER EVENT TRIGGER", schema},
    {&pg_query__rule_stmt__descriptor, rule::ddl, "CREATE RULE", schema},
    {&pg_query__create_schema_stmt__descriptor, rule::ddl, "CREATE SCHEMA", schema},
    {&pg_query__alter_object_schema_stmt__descriptor, rule::ddl, "ALTER ... SET SCHEMA", schema},
    {&pg_query__alter_object_depends_stmt__descriptor, rule::ddl, "ALTER ... DEPENDS ON EXTENSION", schema},
    {&pg_query__alter_owner_stmt__descriptor, rule::privileges, "ALTER ... OWNER TO", schema},
    {&pg_query__alter_operator_stmt__descriptor, rule::ddl, "ALTER OPERATOR", schema},
    {&pg_query__create_op_class_stmt__descriptor, rule::ddl, "CREATE OPERATOR CLASS", instance},
    {&pg_query__create_op_family_stmt__descriptor, rule::ddl, "CREATE OPERATOR FAMILY", schema},
    {&pg_query__alter_op_family_stmt__descriptor, rule::ddl, "ALTER OPERATOR FAMILY", schema},
    {&pg_query__create_cast_stmt__descriptor, rule::ddl, "CREATE CAST", instance},
    {&pg_query__create_conversion_stmt__descriptor, rule::ddl, "CREATE CONVERSION", schema},
    {&pg_query__create_transform_stmt__descriptor, rule::ddl, "CREATE TRANSFORM", instance},
    {&pg_query__create_plang_stmt__descriptor, rule::ddl, "CREATE LANGUAGE", instance},
    {&pg_query__create_am_stmt__descriptor, rule::ddl, "CREATE ACCESS METHOD", schema},
    {&pg_query__alter_tsdictionary_stmt__descriptor, rule::ddl, "ALTER TEXT SEARCH DICTIONARY", schema},
    {&pg_query__alter_tsconfiguration_stmt__descriptor, rule::ddl, "ALTER TEXT SEARCH CONFIGURATION", schema},
    {&pg_query__create_stats_stmt__descriptor, rule::ddl, "CREATE STATISTICS", schema},
    {&pg_query__alter_stats_stmt__descriptor, rule::ddl, "ALTER STATISTICS", schema},
    {&pg_query__alter_collation_stmt__descriptor, rule::ddl, "ALTER COLLATION", schema},
    {&pg_query__create_extension_stmt__descriptor, rule::ddl, "CREATE EXTENSION", instance},
    {&pg_query__alter_extension_stmt__descriptor, rule::ddl, "ALTER EXTENSION", schema},
    {&pg_query__alter_extension_contents_stmt__descriptor, rule::ddl, "ALTER EXTENSION", schema},
    {&pg_query__create_fdw_stmt__descriptor, rule::ddl, "CREATE FOREIGN DATA WRAPPER", schema},
    {&pg_query__alter_fdw_stmt__descriptor, rule::ddl, "ALTER FOREIGN DATA WRAPPER", schema},
    {&pg_query__create_foreign_server_stmt__descriptor, rule::ddl, "CREATE SERVER", schema},
    {&pg_query__alter_foreign_server_stmt__descriptor, rule::ddl, "ALTER SERVER", schema},
    {&pg_query__create_foreign_table_stmt__descriptor, rule::ddl, "CREATE FOREIGN TABLE", schema},
    {&pg_query__import_foreign_schema_stmt__descriptor, rule::ddl, "IMPORT FOREIGN SCHEMA", schema},
    {&pg_query__create_user_mapping_stmt__descriptor, rule::privileges, "CREATE USER MAPPING", schema},
    {&pg_query__alter_user_mapping_stmt__descriptor, rule::privileges, "ALTER USER MAPPING", schema},
    {&pg_query__drop_user_mapping_stmt__descriptor, rule::privileges, "DROP USER MAPPING", schema},
    {&pg_query__create_publication_stmt__descriptor, rule::replication, "CREATE PUBLICATION", schema},
    {&pg_query__alter_publication_stmt__descriptor, rule::replication, "ALTER PUBLICATION", schema},
    {&pg_query__create_subscription_stmt__descriptor, rule::replication, "CREATE SUBSCRIPTION", instance},
    {&pg_query__alter_subscription_stmt__descriptor, rule::replication, "ALTER SUBSCRIPTION", instance},
    {&pg_query__drop_subscription_stmt__descriptor, rule::replication, "DROP SUBSCRIPTION", instance},
    // rights
    {&pg_query__grant_stmt__descriptor, rule::privileges, "GRANT or REVOKE", schema},
    {&pg_query__grant_role_stmt__descriptor, rule::privileges, "GRANT or REVOKE of a role", instance},
    {&pg_query__alter_default_privileges_stmt__descriptor, rule::privileges, "ALTER DEFAULT PRIVILEGES",
     schema},
    {&pg_query__create_policy_stmt__descriptor, rule::privileges, "CREATE POLICY", schema},
    {&pg_query__alter_policy_stmt__descriptor, rule::privileges, "ALTER POLICY", schema},
    {&pg_query__create_role_stmt__descriptor, rule::privileges, "CREATE ROLE", instance},
    {&pg_query__alter_role_stmt__descriptor, rule::privileges, "ALTER ROLE", instance},
    {&pg_query__alter_role_set_stmt__descriptor, rule::privileges, "ALTER ROLE ... SET", instance},
    {&pg_query__drop_role_stmt__descriptor, rule::privileges, "DROP ROLE", instance},
    {&pg_query__drop_owned_stmt__descriptor, rule::privileges, "DROP OWNED", instance},
    {&pg_query__reassign_owned_stmt__descriptor, rule::privileges, "REASSIGN OWNED", instance},
    // the server
    {&pg_query__createdb_stmt__descriptor, rule::shared_instance, "CREATE DATABASE", instance},
    {&pg_query__dropdb_stmt__descriptor, rule::shared_instance, "DROP DATABASE", instance},
    {&pg_query__alter_database_stmt__descriptor, rule::shared_instance, "ALTER DATABASE", instance},
    {&pg_query__alter_database_set_stmt__descriptor, rule::shared_instance, "ALTER DATABASE ... SET",
     instance},
    {&pg_query__alter_database_refresh_coll_stmt__descriptor, rule::shared_instance, "ALTER DATABASE",
     instance},
    {&pg_query__alter_system_stmt__descriptor, rule::shared_instance, "ALTER SYSTEM", instance},
    {&pg_query__create_table_space_stmt__descriptor, rule::shared_instance, "CREATE TABLESPACE", instance},
    {&pg_query__drop_table_space_stmt__descriptor, rule::shared_instance, "DROP TABLESPACE", instance},
    {&pg_query__alter_table_space_options_stmt__descriptor, rule::shared_instance, "ALTER TABLESPACE",
     instance},
};

}  // namespace

const refused_statement* find_refused_statement(const ProtobufCMessageDescriptor* descriptor) {
    static const auto by_descriptor = [] {
        std::unordered_map<const ProtobufCMessageDescriptor*, const refused_statement*> map;
        for (const refused_statement& statement : statements) map.emplace(statement.descriptor, &statement);
        return map;
    }();
    auto at = by_descriptor.find(descriptor);
    return at == by_descriptor.end() ? nullptr : at->second;
}

}  // namespace fairlead::policy::postgres::guard

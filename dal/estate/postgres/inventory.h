#pragma once

#include "dal/driver/postgres/connection.h"
#include "policy/catalogue.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a database holds, as far as isolation depends on it: plain facts, read in one snapshot. What they
/// mean is decided by pure functions (assess.h, isolation.h), so that those can be tested without a server.
namespace fairlead::dal::postgres {

struct PolicyFacts {
    std::string name;
    bool permissive = true;
    bool all_commands = false;
    bool to_public = false;
    std::optional<std::string>
        using_expression;  // as pg_get_expr() shows it with only pg_catalog on the path
    std::optional<std::string> check_expression;
};

struct TenantColumnFacts {
    std::string shown_name;  // by quote_ident()
    std::string type;        // by format_type(), without modifiers
    bool not_null = false;
    bool exact_collation = true;  // deterministic
    std::optional<std::string> default_expression;
};

struct RelationFacts {
    std::string oid;
    std::string schema;
    std::string name;
    policy::RelationKind kind = policy::RelationKind::table;
    std::string owner;
    bool child = false;  // partition or inheritance child
    bool row_security = false;
    bool forced = false;
    bool security_invoker = false;
    bool reachable = false;  // the app role has any privilege on it
    bool app_may_write = false;
    bool app_may_misuse = false;  // TRUNCATE, REFERENCES or TRIGGER: row policies do not cover these
    bool app_owned = false;       // the app role is the owner or can become it
    bool may_alter = false;       // the connected role is the owner or can become it
    std::string feeds;            // sequences: oid of the table whose column it fills; else empty
    std::vector<std::string> columns;
    std::optional<TenantColumnFacts> tenant_column;
    std::vector<PolicyFacts> policies;
    std::vector<std::string> unique_keys_without_tenant;
};

struct SchemaFacts {
    std::string name;
    bool app_may_create = false;
    bool may_alter = false;
};

struct RoleFacts {
    bool superuser = false;
    bool bypass_rls = false;
    bool replication = false;
    bool create_role = false;
    std::vector<std::string> bypassing_memberships;  // roles it can become that are superuser or BYPASSRLS
    std::vector<std::string> server_file_roles;      // pg_read_server_files and the like
};

struct DatabaseFacts {
    std::string name;
    bool app_may_create = false;
    bool app_may_use_temporary = false;
    bool may_alter = false;
};

/// fairlead.tenant() and what it stands on, as found.
struct TenantFunctionFacts {
    std::string source;
    std::string settings;  // proconfig, joined by newlines
    std::string language;
    bool security_definer = false;
    bool stable = false;
    bool app_owned = false;       // function, schema or key table
    bool keys_readable = false;   // by the app role
    bool app_may_create = false;  // in the schema
};

struct Inventory {
    std::uint32_t server_version = 0;
    std::string app_role;
    std::vector<std::string> search_path;  // of the connected role
    RoleFacts role;
    DatabaseFacts database;
    std::vector<SchemaFacts> schemas;
    std::vector<RelationFacts> relations;                 // by schema and name
    std::vector<std::string> security_definer_functions;  // that the app role may execute
    std::optional<TenantFunctionFacts> tenant_function;
};

/// Reads everything about the connected database, about `app_role` and the column `tenant_column`. A dozen
/// catalogue queries in one read-only snapshot; 0.1 s for some hundred tables. System schemas and our own are
/// left out.
SqlResult<Inventory> read_inventory(Connection& connection, const std::string& app_role,
                                    const std::string& tenant_column);

/// Server version and role only, whatever the number of tables.
SqlResult<Inventory> read_role_facts(Connection& connection, const std::string& app_role);

}  // namespace fairlead::dal::postgres

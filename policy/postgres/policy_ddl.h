#pragma once

#include "common/result.h"
#include "config/settings.h"
#include "policy/postgres/sealed_context.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The database's side of isolation as text: pure functions, no I/O, thread-safe. The names below are fixed,
/// since verification looks for them.
namespace fairlead::policy::postgres {

inline constexpr std::string_view context_schema = "fairlead";
inline constexpr std::string_view permissive_policy = "fairlead_all";
inline constexpr std::string_view restrictive_policy = "fairlead_tenant";

struct QualifiedName {
    std::string schema;
    std::string name;
};

/// A table, partition or inheritance child that holds the tenant column.
struct TenantTable {
    QualifiedName name;
    std::string column_type;    // as format_type() names it, without modifiers: "text", "bigint", "uuid"
    bool has_policies = false;  // already as they should be: not locked again
    bool has_default = false;   // likewise the column default
};

/// Something that only its owner can change, with whether the installing role is that owner (or a superuser).
struct OwnedName {
    std::string name;
    bool may_alter = true;
};

/// What the DDL of one placement is about.
struct PolicyPlan {
    config::Isolation isolation = config::Isolation::sealed;  // sealed or guc
    std::string context_variable;                             // guc: the variable that policies read
    std::string tenant_column;
    std::string app_role;  // the backend's user: what clients' statements run as
    OwnedName database;
    std::vector<OwnedName> schemas;  // that hold the tables below
    std::vector<TenantTable> tenant_tables;
    std::vector<QualifiedName> global_tables;
    std::vector<QualifiedName> sequences;  // that fill columns of the tenant tables
};

struct PolicyScript {
    std::vector<std::string> statements;  // in order, for one transaction
    std::vector<std::string>
        for_superuser;  // what the installing role may not do; the placement holds less without
};

/// Schema, key table, function and their privileges (isolation sealed only). Idempotent.
std::vector<std::string> context_schema_ddl(std::string_view app_role);

/// Makes `keys` the only ones that the database accepts for this role: adds, and removes older ones.
/// These statements are secrets. With no keys: a comment that says what would stand here.
std::vector<std::string> context_key_ddl(std::string_view app_role, const std::vector<ContextKey>& keys);

/// Policies, column default and privileges of one tenant table. Error: a column type that cannot hold a
/// tenant id exactly (only text, varchar, uuid and the integers compare exactly).
Result<std::vector<std::string>> tenant_table_ddl(const PolicyPlan& plan, const TenantTable& table);

/// Everything for a placement, in order.
Result<PolicyScript> policy_script(const PolicyPlan& plan, const std::vector<ContextKey>& keys);

/// For a database that cannot be reached now: one query whose rows are the statements for the tenant tables,
/// to be run with psql's \gexec.
std::string tenant_table_template(const PolicyPlan& plan);

/// How pg_get_expr() shows our restrictive policy when only pg_catalog is on the search path; nullopt for
/// types that tenant_table_ddl refuses. `shown_column`: the tenant column as quote_ident() gives it. Sealed
/// only.
std::optional<std::string> shown_policy_expression(std::string_view shown_column,
                                                   std::string_view column_type);
/// Likewise the column default, sealed only.
std::optional<std::string> shown_column_default(std::string_view column_type);

}  // namespace fairlead::policy::postgres

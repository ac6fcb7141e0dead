#include "dal/estate/postgres/assess.h"

#include "config/snapshot.h"
#include "dal/estate/postgres/isolation.h"
#include "dal/estate/postgres/server_version.h"
#include "policy/postgres/policy_ddl.h"
#include "policy/postgres/quote.h"
#include "policy/postgres/tenant_function.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

using config::Isolation;
using policy::RelationKind;
using policy::postgres::quote_identifier;
using policy::postgres::quote_qualified;

/// Collects the findings of one placement; one method a subject.
class Assessment {
public:
    Assessment(const Inventory& inventory, const config::Backend& backend, const config::Placement& placement,
               const std::vector<std::string>& bridge_schemas, const std::string& config_file)
        : inventory_(inventory),
          backend_(backend),
          placement_(placement),
          bridge_schemas_(bridge_schemas),
          role_(quote_identifier(inventory.app_role)),
          install_("fairlead policy install --config " + config_file + " --placement " + placement.name +
                   " --as OWNER") {}

    std::vector<Finding> run() {
        assess_version();
        assess_role();
        if (placement_.model != config::Model::pool)
            return std::move(findings_);  // no row policies to look at
        assess_database();
        if (placement_.isolation == Isolation::sealed) assess_tenant_function();
        for (const RelationFacts& relation : inventory_.relations) assess_relation(relation);
        assess_global_names();
        for (const std::string& function : inventory_.security_definer_functions) {
            add(Severity::warning, "function " + function,
                "is SECURITY DEFINER and may be executed by " + role_ + ": it acts with its owner's rights",
                "REVOKE EXECUTE ON FUNCTION " + function + " FROM PUBLIC, " + role_ +
                    "; or name it in `allowed_functions` if it is safe for every tenant");
        }
        std::stable_sort(findings_.begin(), findings_.end(),
                         [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
        return std::move(findings_);
    }

private:
    void add(Severity severity, std::string object, std::string problem, std::string remedy) {
        findings_.push_back({severity, std::move(object), std::move(problem), std::move(remedy)});
    }
    bool has_policies() const {
        return placement_.isolation == Isolation::sealed || placement_.isolation == Isolation::guc;
    }

    void assess_version() {
        const std::uint32_t version = inventory_.server_version;
        if (meets_security_floor(version, backend_.minimum_server_version)) return;
        add(Severity::error, "backend " + backend_.name,
            "runs PostgreSQL " + version_text(version) + ", which has known ways around row policies; " +
                version_text(security_floor(version)) + " has not",
            "update the server, or accept it by name: minimum_server_version = " + std::to_string(version));
    }

    void assess_role() {
        const RoleFacts& role = inventory_.role;
        const std::string object = "role " + inventory_.app_role;
        if (role.superuser) {
            add(Severity::error, object, "is a superuser: row policies do not apply to it",
                "ALTER ROLE " + role_ + " NOSUPERUSER");
        }
        if (role.bypass_rls) {
            add(Severity::error, object, "has BYPASSRLS: row policies do not apply to it",
                "ALTER ROLE " + role_ + " NOBYPASSRLS");
        }
        if (role.replication) {
            add(Severity::error, object, "has REPLICATION: it may copy every table of the server",
                "ALTER ROLE " + role_ + " NOREPLICATION");
        }
        if (role.create_role) {
            add(Severity::error, object, "has CREATEROLE: it may make itself a member of the tables' owner",
                "ALTER ROLE " + role_ + " NOCREATEROLE");
        }
        for (const std::string& other : role.bypassing_memberships) {
            add(Severity::error, object, "can become " + other + ", to which row policies do not apply",
                "REVOKE " + quote_identifier(other) + " FROM " + role_);
        }
        for (const std::string& other : role.server_file_roles) {
            add(Severity::error, object,
                "is a member of " + other + ": it reaches files and programs of the server",
                "REVOKE " + quote_identifier(other) + " FROM " + role_);
        }
    }

    void assess_database() {
        const DatabaseFacts& database = inventory_.database;
        const std::string name = quote_identifier(database.name);
        if (database.app_may_create) {
            add(Severity::warning, "database " + database.name, "lets " + role_ + " create schemas",
                "REVOKE CREATE ON DATABASE " + name + " FROM PUBLIC, " + role_);
        }
        if (database.app_may_use_temporary) {
            add(Severity::warning, "database " + database.name,
                "lets " + role_ +
                    " create temporary tables, which can stand in front of real ones (the guard refuses "
                    "them)",
                "REVOKE TEMPORARY ON DATABASE " + name + " FROM PUBLIC, " + role_);
        }
        for (const SchemaFacts& schema : inventory_.schemas) {
            if (belongs_to_bridge(schema.name)) continue;
            if (!schema.app_may_create || inventory_.role.superuser) continue;
            add(Severity::error, "schema " + schema.name,
                "lets " + role_ + " create objects, which every other tenant would then meet",
                "REVOKE CREATE ON SCHEMA " + quote_identifier(schema.name) + " FROM PUBLIC, " + role_);
        }
    }

    void assess_tenant_function() {
        const std::string object = "function fairlead.tenant()";
        if (!inventory_.tenant_function) {
            add(Severity::error, object, "is missing: nothing verifies the tenant context", install_);
            return;
        }
        const TenantFunctionFacts& function = *inventory_.tenant_function;
        if (function.source != policy::postgres::tenant_function_source() || function.language != "plpgsql" ||
            function.settings != policy::postgres::tenant_function_setting || !function.security_definer ||
            !function.stable) {
            add(Severity::error, object, "is not the function that this version of fairlead installs",
                install_);
        }
        if (inventory_.role.superuser) return;  // said already, and the rest follows from it
        if (function.app_owned || function.app_may_create) {
            add(Severity::error, object,
                "or its schema belongs to, or can be changed by, " + role_ + ", which could replace it",
                "let another role own it: ALTER SCHEMA fairlead OWNER TO OWNER; ALTER FUNCTION "
                "fairlead.tenant() OWNER "
                "TO OWNER; ALTER TABLE fairlead.context_key OWNER TO OWNER");
        }
        if (function.keys_readable) {
            add(Severity::error, "table fairlead.context_key",
                "can be read or written by " + role_ + ", which could sign for any tenant",
                "REVOKE ALL ON fairlead.context_key FROM PUBLIC, " + role_ + "; then new context_keys, and " +
                    install_);
        }
    }

    bool belongs_to_bridge(const std::string& schema) const {
        return std::any_of(bridge_schemas_.begin(), bridge_schemas_.end(), [&](const std::string& pattern) {
            return config::matches_pattern(pattern, schema);
        });
    }

    void assess_relation(const RelationFacts& relation) {
        if (!relation.reachable || belongs_to_bridge(relation.schema)) return;
        const std::string name = relation.schema + "." + relation.name;
        const bool global = is_global(relation, placement_, inventory_.search_path);
        switch (relation.kind) {
            case RelationKind::view:
                assess_view(relation, name, global);
                break;
            case RelationKind::sequence:
                assess_sequence(relation, name);
                break;
            case RelationKind::materialized_view:
            case RelationKind::foreign_table:
                if (!global) add_uncovered(relation, name, "cannot have row policies");
                break;
            case RelationKind::table:
            case RelationKind::partitioned_table:
                assess_table(relation, name, global);
                break;
        }
    }

    void add_uncovered(const RelationFacts& relation, const std::string& name, const std::string& why) {
        add(Severity::error, "table " + name,
            "is within reach of " + role_ + ", " + why +
                ", and is not in global_tables: every tenant sees all of it",
            "REVOKE ALL ON " + quote_qualified(relation.schema, relation.name) + " FROM PUBLIC, " + role_ +
                "; or, if it holds nothing of any tenant, global_tables = [\"" + name + "\"]");
    }

    void assess_view(const RelationFacts& relation, const std::string& name, bool global) {
        if (relation.security_invoker || global) return;
        add(Severity::warning, "view " + name,
            "runs with its owner's rights, so row policies of the tables behind it do not apply to the "
            "tenant (the "
            "guard refuses it)",
            "ALTER VIEW " + quote_qualified(relation.schema, relation.name) +
                " SET (security_invoker = true)");
    }

    void assess_sequence(const RelationFacts& relation, const std::string& name) {
        if (!relation.app_may_write || inventory_.role.superuser) return;
        add(Severity::warning, "sequence " + name, "can be set back by " + role_ + " with setval()",
            "REVOKE UPDATE ON SEQUENCE " + quote_qualified(relation.schema, relation.name) +
                " FROM PUBLIC, " + role_);
    }

    void assess_table(const RelationFacts& relation, const std::string& name, bool global) {
        const std::string quoted = quote_qualified(relation.schema, relation.name);
        if (global) {
            assess_global(relation, name, quoted);
            return;
        }
        if (!relation.tenant_column) {
            add_uncovered(relation, name, "has no column " + placement_.tenant_column);
            return;
        }
        if (has_policies()) {
            assess_policies(relation, name);
            assess_ownership(relation, name, quoted);
        }
        if (relation.app_may_misuse && !inventory_.role.superuser && !relation.app_owned) {
            add(Severity::error, "table " + name,
                "lets " + role_ +
                    " TRUNCATE it, reference it or put triggers on it: row policies cover none of these",
                "REVOKE TRUNCATE, REFERENCES, TRIGGER ON " + quoted + " FROM PUBLIC, " + role_);
        }
        if (!relation.tenant_column->not_null) {
            add(Severity::warning, "table " + name,
                "accepts rows without a tenant (" + placement_.tenant_column +
                    " may be NULL); nobody sees them",
                "ALTER TABLE " + quoted + " ALTER COLUMN " + quote_identifier(placement_.tenant_column) +
                    " SET NOT NULL");
        }
        if (!relation.unique_keys_without_tenant.empty()) {
            add(Severity::warning, "table " + name,
                "has unique keys without the tenant column (" + joined(relation.unique_keys_without_tenant) +
                    "): a duplicate tells one tenant that another has the value, and the guard refuses ON "
                    "CONFLICT",
                "make " + placement_.tenant_column + " part of these keys");
        }
    }

    void assess_global(const RelationFacts& relation, const std::string& name, const std::string& quoted) {
        if (relation.tenant_column) {
            add(Severity::warning, "table " + name,
                "has the column " + placement_.tenant_column +
                    " and is in global_tables: every tenant sees all of it",
                "take it out of global_tables, then " + install_);
        }
        if (relation.app_may_write && !inventory_.role.superuser) {
            add(Severity::warning, "table " + name,
                "is in global_tables and can be written by " + role_ + ": each tenant changes it for all",
                "REVOKE INSERT, UPDATE, DELETE ON " + quoted + " FROM PUBLIC, " + role_);
        }
    }

    /// The first thing that keeps the table from being isolated, in the order in which one would mend it.
    std::string missing_protection(const RelationFacts& relation) const {
        if (!relation.row_security) return "has row level security disabled";
        if (!relation.forced) return "does not force row level security, so its owner sees every row";
        if (!relation.tenant_column->exact_collation)
            return "has a tenant column whose collation is not exact";
        if (placement_.isolation == Isolation::guc) {
            return "has no policy that compares with current_setting('" + placement_.context_variable +
                   "'), or another permissive one beside it";
        }
        if (!policy::postgres::shown_policy_expression("x", relation.tenant_column->type)) {
            return "has a tenant column of type " + relation.tenant_column->type +
                   ", which does not compare tenant ids exactly";
        }
        for (const PolicyFacts& policy : relation.policies) {
            if (policy.permissive && policy.using_expression &&
                policy.using_expression->find("fairlead.tenant()") != std::string::npos) {
                return "has its tenant policy as PERMISSIVE, so any other policy opens it; it must be "
                       "RESTRICTIVE";
            }
        }
        return "has no RESTRICTIVE policy for all commands and PUBLIC that compares " +
               placement_.tenant_column + " with (SELECT fairlead.tenant())";
    }

    void assess_policies(const RelationFacts& relation, const std::string& name) {
        const std::string object = (relation.child ? "partition or child table " : "table ") + name;
        if (!is_isolated(relation, placement_)) {
            add(Severity::error, object, missing_protection(relation), install_);
            return;
        }
        for (const PolicyFacts& policy : relation.policies) {
            if (policy.name == policy::postgres::permissive_policy ||
                policy.name == policy::postgres::restrictive_policy ||
                placement_.isolation == Isolation::guc) {
                continue;
            }
            add(Severity::note, object,
                "has a further " + std::string(policy.permissive ? "permissive" : "restrictive") +
                    " policy " + policy.name +
                    (policy.permissive ? "; it opens nothing, since ours is restrictive" : ""),
                "");
        }
    }

    void assess_ownership(const RelationFacts& relation, const std::string& name, const std::string& quoted) {
        if (!relation.app_owned || inventory_.role.superuser) return;
        // With `guc` the guard carries the weight anyway; `sealed` promises to hold without it.
        const bool sealed = placement_.isolation == Isolation::sealed;
        add(sealed ? Severity::error : Severity::warning, "table " + name,
            "belongs to " + quote_identifier(relation.owner) + ", which " + role_ +
                " is or can become: an owner may switch row level security off",
            "ALTER TABLE " + quoted + " OWNER TO OWNER");
    }

    void assess_global_names() {
        for (const std::string& named : placement_.global_tables) {
            const bool found = std::any_of(
                inventory_.relations.begin(), inventory_.relations.end(),
                [&](const RelationFacts& r) { return named == r.schema + "." + r.name || named == r.name; });
            if (found) continue;
            add(Severity::warning, "placement " + placement_.name,
                "names a global table that does not exist: " + named, "correct global_tables");
        }
    }

    const Inventory& inventory_;
    const config::Backend& backend_;
    const config::Placement& placement_;
    const std::vector<std::string>& bridge_schemas_;
    const std::string role_;
    const std::string install_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> assess(const Inventory& inventory, const config::Backend& backend,
                            const config::Placement& placement,
                            const std::vector<std::string>& bridge_schemas, const std::string& config_file) {
    return Assessment(inventory, backend, placement, bridge_schemas, config_file).run();
}

}  // namespace fairlead::dal::postgres

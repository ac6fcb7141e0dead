#include "dal/estate/postgres/install_policy.h"

#include "dal/estate/postgres/isolation.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

using policy::RelationKind;
using policy::postgres::PolicyPlan;

bool is_tenant_table(const RelationFacts& relation) {
    return relation.tenant_column &&
           (relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table);
}

void add_schema(PolicyPlan& plan, const Inventory& inventory, const std::string& name) {
    const auto same = [&](const auto& schema) { return schema.name == name; };
    if (std::any_of(plan.schemas.begin(), plan.schemas.end(), same)) return;
    const auto facts = std::find_if(inventory.schemas.begin(), inventory.schemas.end(), same);
    plan.schemas.push_back({name, facts != inventory.schemas.end() && facts->may_alter});
}

void add_tenant_table(PolicyPlan& plan, const RelationFacts& relation, const config::Placement& placement) {
    const auto usual = policy::postgres::shown_column_default(relation.tenant_column->type);
    plan.tenant_tables.push_back({{relation.schema, relation.name},
                                  relation.tenant_column->type,
                                  has_our_policies(relation, placement),
                                  placement.isolation == config::Isolation::sealed && usual &&
                                      relation.tenant_column->default_expression == usual});
}

void add_sequences(PolicyPlan& plan, const Inventory& inventory, const std::vector<std::string>& table_oids) {
    for (const RelationFacts& relation : inventory.relations) {
        if (relation.kind != RelationKind::sequence || relation.feeds.empty() || !relation.may_alter)
            continue;
        if (std::find(table_oids.begin(), table_oids.end(), relation.feeds) != table_oids.end()) {
            plan.sequences.push_back({relation.schema, relation.name});
        }
    }
}

/// Also forgets which policies are there, so that all of them are written out.
void assume_all_rights(Inventory& inventory) {
    inventory.database.may_alter = true;
    for (SchemaFacts& schema : inventory.schemas) schema.may_alter = true;
    for (RelationFacts& relation : inventory.relations) {
        relation.may_alter = true;
        relation.policies.clear();
        if (relation.tenant_column) relation.tenant_column->default_expression.reset();
    }
}

SqlError concerning(const std::string& statement, SqlError error) {
    const std::string first_line = statement.substr(0, statement.find('\n'));
    // Never more than the head of a statement: those with keys have them further back.
    error.message = "\"" + first_line.substr(0, 120) + "\" failed: " + error.message;
    return error;
}

std::optional<SqlError> run_all(Connection& connection, const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) {
        const auto done = connection.execute(statement, {}, std::chrono::seconds(60));
        if (!done) return concerning(statement, done.error());
    }
    return std::nullopt;
}

}  // namespace

PolicyPlan make_policy_plan(const config::Backend& backend, const config::Placement& placement) {
    PolicyPlan plan;
    plan.isolation = placement.isolation;
    plan.context_variable = placement.context_variable;
    plan.tenant_column = placement.tenant_column;
    plan.app_role = backend.user;
    plan.database = {placement.database, true};
    return plan;
}

Result<PolicyPlan> make_policy_plan(const Inventory& given, const config::Backend& backend,
                                    const config::Placement& placement, PlanFor purpose) {
    Inventory inventory = given;
    if (purpose == PlanFor::printing) assume_all_rights(inventory);
    PolicyPlan plan = make_policy_plan(backend, placement);
    plan.database = {inventory.database.name, inventory.database.may_alter};
    std::vector<std::string> table_oids;
    for (const RelationFacts& relation : inventory.relations) {
        if (is_global(relation, placement, inventory.search_path)) {
            if (relation.may_alter) plan.global_tables.push_back({relation.schema, relation.name});
            add_schema(plan, inventory, relation.schema);
            continue;
        }
        if (!is_tenant_table(relation)) continue;
        if (!relation.may_alter) {
            return Error{"table " + relation.schema + "." + relation.name + " belongs to " + relation.owner +
                             ", so the installing role may not put policies on it",
                         "install as a superuser, or as a member of " + relation.owner};
        }
        table_oids.push_back(relation.oid);
        add_tenant_table(plan, relation, placement);
        add_schema(plan, inventory, relation.schema);
    }
    add_sequences(plan, inventory, table_oids);
    return plan;
}

SqlResult<InstallReport> install_policy(Connection& connection, const config::Backend& backend,
                                        const config::Placement& placement,
                                        const std::vector<policy::postgres::ContextKey>& keys) {
    SqlResult<Inventory> inventory = read_inventory(connection, backend.user, placement.tenant_column);
    if (!inventory) return inventory.error();
    const Result<PolicyPlan> plan = make_policy_plan(*inventory, backend, placement, PlanFor::installing);
    if (!plan) return SqlError{plan.error(), ""};
    Result<policy::postgres::PolicyScript> script = policy::postgres::policy_script(*plan, keys);
    if (!script) return SqlError{script.error(), ""};

    connection.take_notices();
    // Policies need the table for themselves for a moment; waiting long for it would block everybody behind
    // us.
    std::vector<std::string> statements{"BEGIN", "SET LOCAL lock_timeout = '10s'",
                                        "SET LOCAL client_min_messages = 'warning'"};
    statements.insert(statements.end(), script->statements.begin(), script->statements.end());
    statements.push_back("COMMIT");
    if (std::optional<SqlError> error = run_all(connection, statements)) {
        if (connection.is_open()) (void)connection.execute("ROLLBACK");
        return *std::move(error);
    }
    InstallReport report;
    for (const auto& table : plan->tenant_tables)
        report.tables.push_back(table.name.schema + "." + table.name.name);
    report.for_superuser = std::move(script->for_superuser);
    report.notices = connection.take_notices();
    return report;
}

}  // namespace fairlead::dal::postgres

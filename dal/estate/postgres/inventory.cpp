#include "dal/estate/postgres/inventory.h"

#include "dal/estate/postgres/inventory_queries.h"

#include <unordered_map>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

using Row = std::vector<std::optional<std::string>>;

std::string text(const Row& row, std::size_t column) {
    return row[column].value_or("");
}
bool flag(const Row& row, std::size_t column) {
    return row[column] == "t";
}

policy::RelationKind relation_kind(const std::string& relkind) {
    switch (relkind.empty() ? 'r' : relkind.front()) {
        case 'p':
            return policy::RelationKind::partitioned_table;
        case 'v':
            return policy::RelationKind::view;
        case 'm':
            return policy::RelationKind::materialized_view;
        case 'S':
            return policy::RelationKind::sequence;
        case 'f':
            return policy::RelationKind::foreign_table;
        default:
            return policy::RelationKind::table;
    }
}

/// Runs the queries one after the other; the first error ends the reading and is kept.
class Reader {
public:
    Reader(Connection& connection, Inventory& inventory, const std::string& tenant_column)
        : connection_(connection), inventory_(inventory), tenant_column_(tenant_column) {}

    std::optional<SqlError> read() {
        inventory_.server_version = connection_.server_version();
        run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        for (const Row& row : run(queries::search_path)) inventory_.search_path.push_back(text(row, 0));
        run("SELECT pg_catalog.set_config('search_path', '', true),"
            " pg_catalog.set_config('quote_all_identifiers', 'off', true)");
        read_role();
        read_surroundings();
        read_relations();
        read_columns();
        read_policies();
        read_functions();
        const std::optional<SqlError> error = std::exchange(error_, std::nullopt);
        if (connection_.is_open()) run("ROLLBACK");
        return error ? error : error_;
    }

    std::optional<SqlError> read_role_only() {
        inventory_.server_version = connection_.server_version();
        read_role();
        return error_;
    }

private:
    std::vector<Row> run(const char* query, const Connection::Parameters& parameters = {}) {
        if (error_) return {};
        SqlResult<Rows> result = connection_.execute(query, parameters, std::chrono::seconds(30));
        if (!result) {
            error_ = result.error();
            return {};
        }
        return std::move(result->rows);
    }
    std::vector<Row> run_for_role(const char* query) { return run(query, {inventory_.app_role}); }
    std::vector<Row> run_for_column(const char* query) { return run(query, {tenant_column_}); }

    RelationFacts* relation(const std::string& oid) {
        const auto found = by_oid_.find(oid);
        return found == by_oid_.end() ? nullptr : &inventory_.relations[found->second];
    }

    void read_role() {
        RoleFacts& role = inventory_.role;
        for (const Row& row : run_for_role(queries::role)) {
            role.superuser = flag(row, 0);
            role.bypass_rls = flag(row, 1);
            role.replication = flag(row, 2);
            role.create_role = flag(row, 3);
        }
        if (role.superuser) return;  // a superuser is a member of everything
        for (const Row& row : run_for_role(queries::memberships)) {
            (flag(row, 1) ? role.bypassing_memberships : role.server_file_roles).push_back(text(row, 0));
        }
    }

    void read_surroundings() {
        for (const Row& row : run_for_role(queries::database)) {
            inventory_.database = {text(row, 0), flag(row, 1), flag(row, 2), flag(row, 3)};
        }
        for (const Row& row : run_for_role(queries::schemas)) {
            inventory_.schemas.push_back({text(row, 0), flag(row, 1), flag(row, 2)});
        }
    }

    void read_relations() {
        for (const Row& row : run_for_role(queries::relations)) {
            RelationFacts facts;
            facts.oid = text(row, 0);
            facts.schema = text(row, 1);
            facts.name = text(row, 2);
            facts.kind = relation_kind(text(row, 3));
            facts.owner = text(row, 4);
            facts.child = flag(row, 5);
            facts.row_security = flag(row, 6);
            facts.forced = flag(row, 7);
            facts.security_invoker = flag(row, 8);
            facts.reachable = flag(row, 9);
            facts.app_may_write = flag(row, 10);
            facts.app_may_misuse = flag(row, 11);
            facts.app_owned = flag(row, 12);
            facts.may_alter = flag(row, 13);
            facts.feeds = text(row, 14);
            by_oid_.emplace(facts.oid, inventory_.relations.size());
            inventory_.relations.push_back(std::move(facts));
        }
    }

    void read_columns() {
        for (const Row& row : run_for_column(queries::columns)) {
            RelationFacts* const facts = relation(text(row, 0));
            if (facts == nullptr) continue;
            facts->columns.push_back(text(row, 1));
            if (flag(row, 2)) {
                facts->tenant_column =
                    TenantColumnFacts{text(row, 3), text(row, 4), flag(row, 5), flag(row, 6), row[7]};
            }
        }
        for (const Row& row : run_for_column(queries::unique_keys)) {
            RelationFacts* const facts = relation(text(row, 0));
            if (facts != nullptr) facts->unique_keys_without_tenant.push_back(text(row, 1));
        }
    }

    void read_policies() {
        for (const Row& row : run(queries::policies)) {
            RelationFacts* const facts = relation(text(row, 0));
            if (facts == nullptr) continue;
            facts->policies.push_back(
                {text(row, 1), flag(row, 2), flag(row, 3), flag(row, 4), row[5], row[6]});
        }
    }

    void read_functions() {
        for (const Row& row : run_for_role(queries::security_definer_functions)) {
            inventory_.security_definer_functions.push_back(text(row, 0));
        }
        for (const Row& row : run_for_role(queries::tenant_function)) {
            inventory_.tenant_function =
                TenantFunctionFacts{text(row, 0), text(row, 1), text(row, 2), flag(row, 3),
                                    flag(row, 4), flag(row, 5), flag(row, 6), flag(row, 7)};
        }
    }

    Connection& connection_;
    Inventory& inventory_;
    const std::string& tenant_column_;
    std::unordered_map<std::string, std::size_t> by_oid_;
    std::optional<SqlError> error_;
};

}  // namespace

SqlResult<Inventory> read_inventory(Connection& connection, const std::string& app_role,
                                    const std::string& tenant_column) {
    Inventory inventory;
    inventory.app_role = app_role;
    Reader reader(connection, inventory, tenant_column);
    if (std::optional<SqlError> error = reader.read()) return *std::move(error);
    return inventory;
}

SqlResult<Inventory> read_role_facts(Connection& connection, const std::string& app_role) {
    Inventory inventory;
    inventory.app_role = app_role;
    const std::string no_column;
    if (std::optional<SqlError> error = Reader(connection, inventory, no_column).read_role_only()) {
        return *std::move(error);
    }
    return inventory;
}

}  // namespace fairlead::dal::postgres

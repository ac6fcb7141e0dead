#include "dal/estate/mysql/inventory.h"

#include "dal/estate/mysql/account_reader.h"
#include "policy/mysql/guard/names.h"

#include <unordered_map>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

constexpr std::chrono::seconds query_timeout{30};

// Each names one database, so that the server looks into one directory only: for triggers that is
// event_object_schema (with trigger_schema MariaDB looks at every table of the server). Only columns that
// stand in a table's definition: table_rows, or key_column_usage, would open the tables.
constexpr const char* table_query =
    "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = %s"
    " ORDER BY table_name";
constexpr const char* column_query =
    "SELECT table_name, column_name, extra, is_nullable, data_type, column_type, character_set_name,"
    " collation_name, column_default"
    " FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position";
constexpr const char* key_query =
    "SELECT table_name, index_name, non_unique, seq_in_index, column_name, sub_part"
    " FROM information_schema.statistics WHERE table_schema = %s"
    " ORDER BY table_name, index_name, seq_in_index";
constexpr const char* trigger_query =
    "SELECT event_object_table, trigger_name FROM information_schema.triggers"
    " WHERE event_object_schema = %s ORDER BY event_object_table, trigger_name";
constexpr const char* view_query =
    "SELECT table_name, security_type, definer FROM information_schema.views WHERE table_schema = %s";
constexpr const char* routine_query =
    "SELECT routine_name, routine_type, security_type FROM information_schema.routines"
    " WHERE routine_schema = %s ORDER BY routine_name, routine_type";

std::string text(const Row& row, std::size_t column) {
    return row[column].value_or("");
}
bool contains(const std::string& text, std::string_view word) {
    return text.find(word) != std::string::npos;
}

policy::RelationKind relation_kind(const std::string& table_type) {
    if (contains(table_type, "VIEW")) return policy::RelationKind::view;
    if (table_type == "SEQUENCE") return policy::RelationKind::sequence;
    return policy::RelationKind::table;
}

/// Runs the queries one after the other; the first error ends the reading and is kept.
class Reader {
public:
    Reader(Connection& connection, Inventory& inventory, const std::string& tenant_column)
        : connection_(connection), inventory_(inventory), tenant_column_(tenant_column) {}

    std::optional<SqlError> read() {
        read_tables();
        read_columns();
        read_keys();
        for (const Row& row : run(trigger_query)) {
            if (TableFacts* const facts = table(text(row, 0))) facts->triggers.push_back(text(row, 1));
        }
        for (const Row& row : run(view_query)) {
            TableFacts* const facts = table(text(row, 0));
            if (facts == nullptr) continue;
            facts->definer_rights = text(row, 1) != "INVOKER";
            facts->definer = text(row, 2);
        }
        for (const Row& row : run(routine_query)) {
            inventory_.routines.push_back({text(row, 0), text(row, 1), text(row, 2) != "INVOKER"});
        }
        return error_;
    }

private:
    std::vector<Row> run(std::string query) {
        if (error_) return {};
        query.replace(query.find("%s"), 2, connection_.quote(inventory_.database));
        SqlResult<Rows> result = connection_.execute(query, query_timeout);
        if (result) return std::move(result->rows);
        error_ = result.error();
        return {};
    }

    TableFacts* table(const std::string& name) {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : &inventory_.tables[found->second];
    }

    void read_tables() {
        for (const Row& row : run(table_query)) {
            TableFacts& facts = inventory_.tables.emplace_back();
            facts.name = text(row, 0);
            facts.kind = relation_kind(text(row, 1));
            facts.temporal = text(row, 1) == "SYSTEM VERSIONED";
            by_name_.emplace(facts.name, inventory_.tables.size() - 1);
        }
    }

    void read_columns() {
        for (const Row& row : run(column_query)) {
            TableFacts* const facts = table(text(row, 0));
            if (facts == nullptr) continue;
            const std::string name = text(row, 1);
            const std::string extra = text(row, 2);
            facts->columns.push_back(name);
            if (contains(extra, "INVISIBLE")) facts->hidden_columns.push_back(name);
            // Not MySQL's DEFAULT_GENERATED, which is a default that is an expression.
            if (contains(extra, "VIRTUAL GENERATED") || contains(extra, "STORED GENERATED")) {
                facts->generated_columns.push_back(name);
            }
            if (is_tenant_column(name)) facts->tenant_column = tenant_column(row);
        }
    }

    /// Names of columns are compared without regard to case on every server.
    bool is_tenant_column(const std::string& name) const {
        return policy::mysql::guard::lower_case(name) == policy::mysql::guard::lower_case(tenant_column_);
    }

    static TenantColumn tenant_column(const Row& row) {
        TenantColumn column;
        column.name = text(row, 1);
        column.invisible = contains(text(row, 2), "INVISIBLE");
        column.not_null = text(row, 3) == "NO";
        column.data_type = text(row, 4);
        column.column_type = text(row, 5);
        column.character_set = text(row, 6);
        column.collation = text(row, 7);
        column.default_expression = row[8];
        return column;
    }

    void read_keys() {
        for (const Row& row : run(key_query)) {
            TableFacts* const facts = table(text(row, 0));
            if (facts == nullptr) continue;
            const bool first = text(row, 3) == "1";
            if (first) facts->keys.push_back({text(row, 1), text(row, 2) == "0", false, false});
            if (facts->keys.empty() || !is_tenant_column(text(row, 4))) continue;
            KeyFacts& key = facts->keys.back();
            key.begins_with_tenant = key.begins_with_tenant || first;
            key.holds_tenant = key.holds_tenant || !row[5];
        }
    }

    Connection& connection_;
    Inventory& inventory_;
    const std::string& tenant_column_;
    std::unordered_map<std::string, std::size_t> by_name_;
    std::optional<SqlError> error_;
};

}  // namespace

SqlResult<Inventory> read_account_facts(Connection& connection) {
    SqlResult<ServerFacts> server = read_server_facts(connection);
    if (!server) return server.error();
    SqlResult<AccountFacts> account = read_account(connection, server->flavour);
    if (!account) return account.error();
    Inventory inventory;
    inventory.server = std::move(server).value();
    inventory.account = std::move(account).value();
    return inventory;
}

SqlResult<Inventory> read_inventory(Connection& connection, const std::string& database,
                                    const std::string& tenant_column) {
    SqlResult<Inventory> inventory = read_account_facts(connection);
    if (!inventory) return inventory;
    inventory->database = database;
    Reader reader(connection, *inventory, tenant_column);
    if (std::optional<SqlError> error = reader.read()) return *std::move(error);
    return inventory;
}

}  // namespace fairlead::dal::mysql

#include "dal/estate/mysql/backend_prober.h"

#include "dal/estate/mysql/server_version.h"
#include "dal/estate/placement_match.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

constexpr std::chrono::seconds query_timeout{10};

// SHOW GLOBAL VARIABLES takes no statement of its own: max_connections and the cache's size come beside it.
constexpr const char* counter_query =
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_buffer_pool_read_requests',"
    " 'Innodb_buffer_pool_reads', 'Threads_connected', 'Connections', 'Aborted_connects',"
    " 'Opened_tables', 'Table_open_cache_hits', 'Table_open_cache_misses')";
constexpr const char* limit_query = "SELECT @@global.max_connections, @@global.table_open_cache";

constexpr const char* database_query =
    "SELECT schema_name FROM information_schema.schemata"
    " WHERE schema_name NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')";

// With the name of one database and no other column the server lists one directory (MariaDB) or reads one
// index range (MySQL). A further column such as table_type would open a file for each table, table_rows the
// table itself.
constexpr const char* table_query = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ";

}  // namespace

// The product's name stands until the server has said its own.
BackendProber::BackendProber(config::Backend backend, std::vector<config::Placement> placements)
    : dal::BackendProber(std::move(backend), std::move(placements), "MySQL or MariaDB") {}

std::string BackendProber::ask(std::size_t max_databases) {
    SqlResult<Connection> connection = Connection::open(connect_options(backend_, ""));
    if (!connection) return connection.error().message;
    last_.product = product_name(connection->server_flavour());
    last_.server_version = version_text(connection->server_version());
    std::string error = read_counters(*connection);
    if (error.empty()) error = read_databases(*connection);
    if (error.empty()) error = count_tables(*connection, max_databases);
    return error;
}

std::string BackendProber::read_counters(Connection& connection) {
    const SqlResult<Rows> counters = connection.execute(counter_query, query_timeout);
    if (!counters) return counters.error().message;
    const SqlResult<Rows> limits = connection.execute(limit_query, query_timeout);
    if (!limits) return limits.error().message;
    std::map<std::string, std::uint64_t> value;
    for (const Row& row : counters->rows) value[row[0].value_or("")] = to_number(row[1]);
    const std::uint64_t asked = value["Innodb_buffer_pool_read_requests"];
    const std::uint64_t read = std::min(value["Innodb_buffer_pool_reads"], asked);
    hit_ratio_.observe(asked - read, read);
    last_.connections_used = static_cast<std::uint32_t>(value["Threads_connected"]);
    last_.attempts = ConnectionAttempts{value["Connections"], value["Aborted_connects"]};
    last_.table_cache = TableCacheProbe{value["Table_open_cache_hits"], value["Table_open_cache_misses"],
                                        value["Opened_tables"], 0};
    for (const Row& row : limits->rows) {
        last_.max_connections = static_cast<std::uint32_t>(to_number(row[0]));
        last_.table_cache->size = static_cast<std::uint32_t>(to_number(row[1]));
    }
    return {};
}

std::string BackendProber::read_databases(Connection& connection) {
    const SqlResult<Rows> rows = connection.execute(database_query, query_timeout);
    if (!rows) return rows.error().message;
    std::map<std::string, Known> present;
    for (const Row& row : rows->rows) {
        const std::string name = row[0].value_or("");
        if (placement_of(placements_, name, "") != nullptr) present[name] = recall(name);
    }
    known_ = std::move(present);  // databases that are gone are forgotten
    return {};
}

std::string BackendProber::count_tables(Connection& connection, std::size_t max_databases) {
    std::string error;
    count_in_turn(max_databases, [&](DatabaseProbe& probe) {
        count_tables(connection, probe);
        if (!connection.is_open()) error = probe.error;
        return connection.is_open();
    });
    return error;
}

void BackendProber::count_tables(Connection& connection, DatabaseProbe& probe) {
    const SqlResult<Rows> rows =
        connection.execute(table_query + connection.quote(probe.database), query_timeout);
    if (!rows) {
        probe.error = rows.error().message;
        return;
    }
    const config::Placement* const placement = placement_of(placements_, probe.database, "");
    probe.error.clear();
    probe.tables = to_number(rows->single());
    probe.by_placement = {{placement == nullptr ? "" : placement->name, probe.tables}};
}

}  // namespace fairlead::dal::mysql

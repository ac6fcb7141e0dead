#include "dal/estate/postgres/backend_prober.h"

#include "dal/driver/postgres/connection.h"
#include "dal/estate/placement_match.h"
#include "dal/estate/postgres/server_version.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

constexpr std::chrono::seconds query_timeout{10};

// One row a database; shared objects (datname NULL) count for the server. numbackends is readable by every
// role.
constexpr const char* server_query =
    "SELECT datname, blks_hit, blks_read, numbackends, pg_catalog.current_setting('max_connections')"
    "  FROM pg_catalog.pg_stat_database";

constexpr const char* table_query =
    "SELECT n.nspname, pg_catalog.count(*) FROM pg_catalog.pg_class AS c"
    "  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " GROUP BY n.nspname";

}  // namespace

BackendProber::BackendProber(config::Backend backend, std::vector<config::Placement> placements)
    : dal::BackendProber(std::move(backend), std::move(placements), "PostgreSQL") {}

std::string BackendProber::ask(std::size_t max_databases) {
    std::string error = read_server();
    if (!error.empty()) return error;
    count_in_turn(max_databases, [&](DatabaseProbe& probe) {
        count_tables(probe);
        return true;
    });
    return {};
}

/// A database that is sure to exist: one named without a tenant, else any that was seen before.
std::string BackendProber::first_database() const {
    for (const config::Placement& placement : placements_) {
        if (placement.database.find("{id}") == std::string::npos) return placement.database;
    }
    if (!known_.empty()) return known_.begin()->first;
    return "postgres";
}

bool BackendProber::is_ours(const std::string& database) const {
    return std::any_of(placements_.begin(), placements_.end(), [&](const config::Placement& placement) {
        return matches_pattern(placement.database, database);
    });
}

std::string BackendProber::read_server() {
    SqlResult<Connection> connection = Connection::open(connect_options(backend_, first_database()));
    if (!connection) return connection.error().message;
    const SqlResult<Rows> rows = connection->execute(server_query, {}, query_timeout);
    if (!rows) return rows.error().message;
    last_.server_version = version_text(connection->server_version());
    std::uint64_t hit = 0, read = 0, used = 0;
    std::map<std::string, Known> present;
    for (const auto& row : rows->rows) {
        hit += to_number(row[1]);
        read += to_number(row[2]);
        used += to_number(row[3]);
        last_.max_connections = static_cast<std::uint32_t>(to_number(row[4]));
        if (!row[0] || !is_ours(*row[0])) continue;
        Known& known = present[*row[0]] = recall(*row[0]);
        known.hit_ratio.observe(to_number(row[1]), to_number(row[2]));
    }
    hit_ratio_.observe(hit, read);
    last_.connections_used = static_cast<std::uint32_t>(used);
    known_ = std::move(present);  // databases that are gone are forgotten
    return {};
}

void BackendProber::count_tables(DatabaseProbe& probe) {
    SqlResult<Connection> connection = Connection::open(connect_options(backend_, probe.database));
    if (!connection) {
        probe.error = connection.error().message;
        return;
    }
    const SqlResult<Rows> rows = connection->execute(table_query, {}, query_timeout);
    if (!rows) {
        probe.error = rows.error().message;
        return;
    }
    probe.error.clear();
    probe.tables = 0;
    probe.by_placement.clear();
    for (const auto& row : rows->rows) {
        const std::uint64_t tables = to_number(row[1]);
        const config::Placement* placement = placement_of(placements_, probe.database, row[0].value_or(""));
        probe.tables += tables;
        probe.by_placement[placement == nullptr ? "" : placement->name] += tables;
    }
}

}  // namespace fairlead::dal::postgres

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::dal {

struct DatabaseProbe {
    std::string database;
    std::uint64_t tables = 0;  // tables, partitions, materialised views; not the system's
    std::map<std::string, std::uint64_t> by_placement;  // "" for those of no placement
    std::optional<double> hit_ratio_total;              // PostgreSQL: since its statistics were reset
    std::optional<double> hit_ratio_interval;           // PostgreSQL: since the last probe
    std::string error;                                  // why `tables` is not known or not new
};

/// Tables of one placement under the name that it gives its database: "tenant_{id}" stands for those of all
/// its tenants, so that ten thousand databases are one figure.
struct PlacedTables {
    std::string database;
    std::string placement;  // "": tables that no placement names
    std::uint64_t tables = 0;
};

/// What only MySQL and MariaDB count, since the server started.
struct TableCacheProbe {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;  // a statement had to open a table that was not in the cache
    std::uint64_t opened = 0;  // tables opened, by whatever means
    std::uint32_t size = 0;    // the setting
};
struct ConnectionAttempts {
    std::uint64_t begun = 0;    // from anywhere, failed ones included
    std::uint64_t aborted = 0;  // those that did not get through the login
};

/// One backend at one moment. Name look-ups and our own connection attempts are counted by the proxy, not
/// here.
struct BackendProbe {
    std::string backend;
    std::string error;  // why it could not be asked; the figures below are then those of the last good probe
    std::string product;         // "PostgreSQL", "MariaDB", "MySQL"
    std::string server_version;  // "15.20"
    std::uint32_t connections_used = 0;
    std::uint32_t max_connections = 0;
    std::optional<double> hit_ratio_total;
    std::optional<double> hit_ratio_interval;
    std::optional<TableCacheProbe> table_cache;  // MySQL
    std::optional<ConnectionAttempts> attempts;  // MySQL
    std::vector<DatabaseProbe> databases;        // by name
    std::vector<PlacedTables> placed;            // their sums
    std::chrono::milliseconds took{0};

    std::uint64_t tables() const;
    std::map<std::string, std::uint64_t> tables_by_placement() const;
};

}  // namespace fairlead::dal

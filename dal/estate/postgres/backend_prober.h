#pragma once

#include "config/settings.h"
#include "dal/driver/postgres/connection.h"
#include "dal/estate/hit_ratio.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::dal::postgres {

struct DatabaseProbe {
    std::string database;
    std::uint64_t tables = 0;  // tables, partitions, materialised views; not the system's
    std::map<std::string, std::uint64_t> by_placement;  // "" for those of no placement
    std::optional<double> hit_ratio_total;              // since the server's statistics were reset
    std::optional<double> hit_ratio_interval;           // since the last probe
    std::string error;                                  // why `tables` is not known or not new
};

/// One backend at one moment. Connection attempts and name look-ups are counted by the proxy, not here.
struct BackendProbe {
    std::string backend;
    std::string error;  // why it could not be asked; the figures below are then those of the last good probe
    std::uint32_t server_version = 0;
    std::uint32_t connections_used = 0;
    std::uint32_t max_connections = 0;
    std::optional<double> hit_ratio_total;
    std::optional<double> hit_ratio_interval;
    std::vector<DatabaseProbe> databases;  // by name
    std::chrono::milliseconds took{0};

    std::uint64_t tables() const;
    std::map<std::string, std::uint64_t> tables_by_placement() const;
};

/// Measures one backend from time to time and remembers between the times. Each run opens one connection
/// after the other, none in parallel, each with a timeout, and leaves none open. Blocking: run it on a thread
/// of its own, never on the query path. Not thread-safe.
class BackendProber {
public:
    /// `placements`: those of this backend, copied.
    BackendProber(config::Backend backend, std::vector<config::Placement> placements);

    /// Server-wide figures, and the tables of at most `max_databases` databases, going on with the next ones
    /// in the next run: with ten thousand tenant databases a run stays short.
    BackendProbe run(std::size_t max_databases);

private:
    struct Known {  // one database
        HitRatio hit_ratio;
        DatabaseProbe probe;
    };

    std::string first_database() const;
    bool is_ours(const std::string& database) const;
    std::string read_server();
    void count_tables(std::size_t max_databases);
    void count_tables(DatabaseProbe& probe);

    config::Backend backend_;
    std::vector<config::Placement> placements_;
    HitRatio hit_ratio_;
    BackendProbe last_;
    std::map<std::string, Known> known_;
    std::string next_;  // the database to go on with
};

}  // namespace fairlead::dal::postgres

#pragma once

#include "dal/pool/backend_pool.h"
#include "proxy/metrics/worker_snapshot.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a scrape needs to know, as plain values. The engine fills it; the collector knows nothing of engines.
namespace fairlead::proxy::metrics {

struct pool_sample {
    std::string backend;
    std::uint32_t pool_size = 0;  // the budget, without overflow
    dal::PoolStats stats;
};

struct table_count {
    std::string database;   // as the placement names it: "tenant_{id}" for those of all its tenants
    std::string placement;  // empty: a database of this backend that no placement names
    std::uint64_t tables = 0;
};

/// Last result of one backend's estate probe. What was not measured yet, or could not be, stays empty and
/// makes no series: a missing number must not look like a zero.
struct estate_sample {
    std::string backend;
    std::vector<table_count> tables;
    std::optional<double> buffer_hit_ratio_interval;  // 0 to 1, between the last two probes
    std::optional<double> buffer_hit_ratio_start;     // 0 to 1, since the server's statistics were reset
    std::optional<std::uint32_t> connections_used;    // of the whole server, others' connections included
    std::optional<std::uint32_t> connections_max;
    // MySQL only: the server's own counters since it started.
    std::optional<std::uint64_t> connection_attempts;
    std::optional<std::uint64_t> connections_aborted;
    std::optional<std::uint64_t> table_cache_misses;
    std::optional<std::uint64_t> tables_opened;
    std::optional<std::chrono::milliseconds> age;  // since the last probe that succeeded
};

struct placement_state {
    std::string backend;
    std::string placement;
    bool up = false;  // false: refused at start or by a reload, its clients get an error
};

struct metrics_snapshot {
    std::vector<worker_snapshot> workers;
    std::vector<pool_sample> pools;
    std::vector<estate_sample> estate;
    std::vector<placement_state> placements;
    std::uint64_t config_generation = 0;
    std::uint64_t tenants = 0;  // known to the directory, active or not
};

/// Implemented by whatever owns the workers.
class metrics_source {
public:
    metrics_source() = default;
    metrics_source(const metrics_source&) = delete;
    metrics_source& operator=(const metrics_source&) = delete;
    virtual ~metrics_source() = default;

    /// Called on the admin thread, once a scrape, and may block it for as long as a worker needs to answer.
    /// Must synchronise with the workers (worker_metrics::snapshot() runs on the worker's thread).
    virtual metrics_snapshot take_snapshot() = 0;
};

}  // namespace fairlead::proxy::metrics

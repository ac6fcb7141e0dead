#pragma once

#include "policy/verdict.h"
#include "proxy/metrics/counter.h"
#include "proxy/metrics/labelled_counters.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Plain copies of one worker's counts (proxy/metrics/worker_metrics.h names the meaning of each field). They
/// can be handed between threads and added up.
namespace fairlead::proxy::metrics {

struct error_samples {
    label_samples server;    // SQLSTATE class -> errors that the server reported
    label_samples fairlead;  // SQLSTATE class -> errors of ours
};

struct placement_sample {
    std::string backend;
    std::string placement;
    std::int64_t clients_idle = 0, clients_active = 0, clients_waiting = 0;
    std::int64_t pinned_connections = 0;
    std::uint64_t links = 0, statements = 0, cancel_requests = 0;
    histogram_sample queue_wait;
    histogram_sample transaction_duration;
    std::uint64_t client_bytes_in = 0, client_bytes_out = 0, server_bytes_in = 0, server_bytes_out = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(policy::Pin::count_)> pins{};
    label_samples refusals;
    error_samples errors;
};

struct backend_counts_sample {
    std::string backend;
    std::uint64_t logins_ok = 0, logins_failed = 0, connection_attempts = 0, name_lookups = 0;
};

struct tenant_sample {
    std::string tenant;
    std::uint64_t links = 0, transaction_nanoseconds = 0, client_bytes = 0, refusals = 0;
    std::int64_t waiting = 0;
};

struct verdict_cache_sample {
    std::uint64_t hits = 0, misses = 0, evictions = 0;
    std::size_t bytes = 0;
};

struct worker_snapshot {
    std::int64_t clients_logging_in = 0;
    std::uint64_t client_logins_ok = 0, client_logins_failed = 0, client_logins_aborted = 0;
    std::uint64_t cancel_requests_unmatched = 0;
    error_samples login_errors;
    std::vector<placement_sample> placements;
    std::vector<backend_counts_sample> backends;
    std::vector<tenant_sample> tenants;
    verdict_cache_sample verdict_cache;
};

}  // namespace fairlead::proxy::metrics

#pragma once

#include "policy/verdict.h"
#include "proxy/metrics/counter.h"
#include "proxy/metrics/labelled_counters.h"
#include "proxy/metrics/tenant_table.h"
#include "proxy/metrics/worker_snapshot.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What one worker counts. Sessions look their blocks up once, at login, and hold the pointers: on the query
/// path a count is a load and a store. Everything here belongs to the worker's thread, snapshot() included; a
/// scrape posts the request to the worker (or runs it while the worker is known to stand still) and gets
/// plain copies.
namespace fairlead::proxy::metrics {

/// Who made an error that a client saw.
enum class error_source : std::uint8_t { server, fairlead };

/// SQLSTATE classes (first two characters) of errors, by who made them.
class error_counters {
public:
    /// `sqlstate`: five characters; anything that is no SQLSTATE is counted as class "other".
    void add(error_source source, std::string_view sqlstate);
    label_samples sample(error_source source) const;

private:
    labelled_counters server_{
        40};  // PostgreSQL 15 has 43 classes, of which a live system shows about a dozen
    labelled_counters fairlead_{40};
};

/// One placement, as seen by one worker. Lives as long as its worker_metrics.
struct placement_metrics {
    placement_metrics(std::string_view backend_name, std::string_view placement_name)
        : backend(backend_name), placement(placement_name) {}

    const std::string backend;
    const std::string placement;

    // Client connections that are logged in, each in exactly one state.
    gauge clients_idle;     // between transactions, no link
    gauge clients_active;   // holds a link
    gauge clients_waiting;  // waits for a server connection

    counter links;                   // server connections lent
    gauge pinned_connections;        // links that are pinned now
    counter statements;              // texts and Execute messages forwarded
    counter cancel_requests;         // CancelRequest messages that matched a client of this placement
    histogram queue_wait;            // of every link, those that did not wait included
    histogram transaction_duration;  // from link to unlink

    counter client_bytes_in;   // from clients
    counter client_bytes_out;  // to clients
    counter server_bytes_in;   // from the server
    counter server_bytes_out;  // to the server

    std::array<counter, static_cast<std::size_t>(policy::Pin::count_)> pins;
    labelled_counters refusals{100};  // by rule id
    error_counters errors;

    void pin(policy::Pin reason) { pins[static_cast<std::size_t>(reason)].add(); }
};

/// One backend, as seen by one worker.
struct backend_metrics {
    explicit backend_metrics(std::string_view backend_name) : backend(backend_name) {}

    const std::string backend;
    counter logins_ok;      // of ours to the server
    counter logins_failed;  // refused by the server, or never reached it
    counter connection_attempts;
    counter name_lookups;  // resolver calls; a cached answer is none
};

struct worker_metrics {
    /// `max_idle_tenants`: tenants without clients whose counts are still remembered.
    explicit worker_metrics(std::size_t max_idle_tenants = 1'000) : tenants(max_idle_tenants) {}

    gauge clients_logging_in;  // accepted, not logged in: tenant and placement are not known yet
    counter client_logins_ok;
    counter client_logins_failed;   // wrong secret, unknown user, unknown tenant, label that contradicts
    counter client_logins_aborted;  // timed out, hung up or sent rubbish before an answer
    counter cancel_requests_unmatched;
    error_counters login_errors;  // errors of ours before a placement was known
    tenant_table tenants;

    /// The block of this name, made when there is none; the reference stays valid as long as this object,
    /// also over reloads. A scan over placements: for login, not for the query path.
    placement_metrics& placement(std::string_view backend, std::string_view name);
    backend_metrics& backend(std::string_view name);

    /// Plain copies of everything but the verdict cache, which the caller fills in. O(placements + tenants
    /// held).
    worker_snapshot snapshot() const;

private:
    std::vector<std::unique_ptr<placement_metrics>> placements_;
    std::vector<std::unique_ptr<backend_metrics>> backends_;
};

}  // namespace fairlead::proxy::metrics

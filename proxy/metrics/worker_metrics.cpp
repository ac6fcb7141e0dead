#include "proxy/metrics/worker_metrics.h"

#include <algorithm>

namespace fairlead::proxy::metrics {
namespace {

// SQLSTATE: five digits or upper-case letters. The check bounds what a server can make us print as a label.
std::string_view sqlstate_class(std::string_view sqlstate) {
    auto valid = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    if (sqlstate.size() != 5 || !std::all_of(sqlstate.begin(), sqlstate.end(), valid)) return "other";
    return sqlstate.substr(0, 2);
}

error_samples sample_errors(const error_counters& errors) {
    return {.server = errors.sample(error_source::server), .fairlead = errors.sample(error_source::fairlead)};
}

placement_sample sample_placement(const placement_metrics& from) {
    placement_sample copy;
    copy.backend = from.backend;
    copy.placement = from.placement;
    copy.clients_idle = from.clients_idle.value();
    copy.clients_active = from.clients_active.value();
    copy.clients_waiting = from.clients_waiting.value();
    copy.pinned_connections = from.pinned_connections.value();
    copy.links = from.links.value();
    copy.statements = from.statements.value();
    copy.cancel_requests = from.cancel_requests.value();
    copy.queue_wait = from.queue_wait.sample();
    copy.transaction_duration = from.transaction_duration.sample();
    copy.client_bytes_in = from.client_bytes_in.value();
    copy.client_bytes_out = from.client_bytes_out.value();
    copy.server_bytes_in = from.server_bytes_in.value();
    copy.server_bytes_out = from.server_bytes_out.value();
    for (std::size_t i = 0; i < copy.pins.size(); ++i) copy.pins[i] = from.pins[i].value();
    copy.refusals = from.refusals.sample();
    copy.errors = sample_errors(from.errors);
    return copy;
}

}  // namespace

void error_counters::add(error_source source, std::string_view sqlstate) {
    (source == error_source::server ? server_ : fairlead_).add(sqlstate_class(sqlstate));
}

label_samples error_counters::sample(error_source source) const {
    return (source == error_source::server ? server_ : fairlead_).sample();
}

placement_metrics& worker_metrics::placement(std::string_view backend, std::string_view name) {
    for (const auto& each : placements_) {
        if (each->placement == name && each->backend == backend) return *each;
    }
    return *placements_.emplace_back(std::make_unique<placement_metrics>(backend, name));
}

backend_metrics& worker_metrics::backend(std::string_view name) {
    for (const auto& each : backends_) {
        if (each->backend == name) return *each;
    }
    return *backends_.emplace_back(std::make_unique<backend_metrics>(name));
}

worker_snapshot worker_metrics::snapshot() const {
    worker_snapshot copy;
    copy.clients_logging_in = clients_logging_in.value();
    copy.client_logins_ok = client_logins_ok.value();
    copy.client_logins_failed = client_logins_failed.value();
    copy.client_logins_aborted = client_logins_aborted.value();
    copy.cancel_requests_unmatched = cancel_requests_unmatched.value();
    copy.login_errors = sample_errors(login_errors);
    for (const auto& each : placements_) copy.placements.push_back(sample_placement(*each));
    for (const auto& each : backends_) {
        copy.backends.push_back({.backend = each->backend,
                                 .logins_ok = each->logins_ok.value(),
                                 .logins_failed = each->logins_failed.value(),
                                 .connection_attempts = each->connection_attempts.value(),
                                 .name_lookups = each->name_lookups.value()});
    }
    copy.tenants = tenants.sample();
    return copy;
}

}  // namespace fairlead::proxy::metrics

#include "proxy/metrics/merge.h"

#include <string_view>
#include <unordered_map>

namespace fairlead::proxy::metrics {
namespace {

void add_labels(label_samples& sum, const label_samples& more) {
    for (const auto& [label, count] : more) {
        auto known = sum.begin();
        while (known != sum.end() && known->first != label) ++known;
        if (known == sum.end()) {
            sum.emplace_back(label, count);
        } else {
            known->second += count;
        }
    }
}

void add_errors(error_samples& sum, const error_samples& more) {
    add_labels(sum.server, more.server);
    add_labels(sum.fairlead, more.fairlead);
}

void add_placement(placement_sample& sum, const placement_sample& more) {
    sum.clients_idle += more.clients_idle;
    sum.clients_active += more.clients_active;
    sum.clients_waiting += more.clients_waiting;
    sum.pinned_connections += more.pinned_connections;
    sum.links += more.links;
    sum.statements += more.statements;
    sum.cancel_requests += more.cancel_requests;
    sum.queue_wait += more.queue_wait;
    sum.transaction_duration += more.transaction_duration;
    sum.client_bytes_in += more.client_bytes_in;
    sum.client_bytes_out += more.client_bytes_out;
    sum.server_bytes_in += more.server_bytes_in;
    sum.server_bytes_out += more.server_bytes_out;
    for (std::size_t i = 0; i < sum.pins.size(); ++i) sum.pins[i] += more.pins[i];
    add_labels(sum.refusals, more.refusals);
    add_errors(sum.errors, more.errors);
}

void add_placements(std::vector<placement_sample>& sum, const std::vector<placement_sample>& more) {
    for (const placement_sample& each : more) {
        auto known = sum.begin();
        while (known != sum.end() && (known->placement != each.placement || known->backend != each.backend))
            ++known;
        if (known == sum.end()) {
            sum.push_back(each);
        } else {
            add_placement(*known, each);
        }
    }
}

void add_backends(std::vector<backend_counts_sample>& sum, const std::vector<backend_counts_sample>& more) {
    for (const backend_counts_sample& each : more) {
        auto known = sum.begin();
        while (known != sum.end() && known->backend != each.backend) ++known;
        if (known == sum.end()) {
            sum.push_back(each);
            continue;
        }
        known->logins_ok += each.logins_ok;
        known->logins_failed += each.logins_failed;
        known->connection_attempts += each.connection_attempts;
        known->name_lookups += each.name_lookups;
    }
}

// Tenants are many, so they are looked up by hash; the keys point into `workers`, which outlives the map.
std::vector<tenant_sample> merge_tenants(const std::vector<worker_snapshot>& workers) {
    std::vector<tenant_sample> sum;
    std::unordered_map<std::string_view, std::size_t> place;
    for (const worker_snapshot& worker : workers) {
        for (const tenant_sample& each : worker.tenants) {
            auto [at, is_new] = place.try_emplace(each.tenant, sum.size());
            if (is_new) {
                sum.push_back(each);
                continue;
            }
            tenant_sample& known = sum[at->second];
            known.links += each.links;
            known.transaction_nanoseconds += each.transaction_nanoseconds;
            known.client_bytes += each.client_bytes;
            known.refusals += each.refusals;
            known.waiting += each.waiting;
        }
    }
    return sum;
}

void add_worker(worker_snapshot& sum, const worker_snapshot& more) {
    sum.clients_logging_in += more.clients_logging_in;
    sum.client_logins_ok += more.client_logins_ok;
    sum.client_logins_failed += more.client_logins_failed;
    sum.client_logins_aborted += more.client_logins_aborted;
    sum.cancel_requests_unmatched += more.cancel_requests_unmatched;
    add_errors(sum.login_errors, more.login_errors);
    add_placements(sum.placements, more.placements);
    add_backends(sum.backends, more.backends);
    sum.verdict_cache.hits += more.verdict_cache.hits;
    sum.verdict_cache.misses += more.verdict_cache.misses;
    sum.verdict_cache.evictions += more.verdict_cache.evictions;
    sum.verdict_cache.bytes += more.verdict_cache.bytes;
}

}  // namespace

worker_snapshot merge(const std::vector<worker_snapshot>& workers) {
    worker_snapshot sum;
    for (const worker_snapshot& worker : workers) add_worker(sum, worker);
    sum.tenants = merge_tenants(workers);
    return sum;
}

}  // namespace fairlead::proxy::metrics

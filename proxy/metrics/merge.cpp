#include "proxy/metrics/merge.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace fairlead::proxy::metrics {
namespace {

/// Adds these members of `more` to those of `sum`.
template <typename Sample, typename... Members>
void add(Sample& sum, const Sample& more, Members Sample::*... members) {
    ((sum.*members += more.*members), ...);
}

/// The element of `known` that `same` recognises; `more`, put at the end, when there is none, and null.
template <typename Sample, typename Same>
Sample* find_or_append(std::vector<Sample>& known, const Sample& more, Same same) {
    auto found = std::find_if(known.begin(), known.end(), same);
    if (found != known.end()) return &*found;
    known.push_back(more);
    return nullptr;
}

void add_labels(label_samples& sum, const label_samples& more) {
    for (const auto& each : more) {
        auto* known = find_or_append(sum, each, [&](const auto& other) { return other.first == each.first; });
        if (known != nullptr) known->second += each.second;
    }
}

void add_errors(error_samples& sum, const error_samples& more) {
    add_labels(sum.server, more.server);
    add_labels(sum.fairlead, more.fairlead);
}

void add_placement(placement_sample& sum, const placement_sample& more) {
    using sample = placement_sample;
    add(sum, more, &sample::clients_idle, &sample::clients_active, &sample::clients_waiting,
        &sample::pinned_connections, &sample::links, &sample::statements, &sample::cancel_requests,
        &sample::queue_wait, &sample::transaction_duration, &sample::client_bytes_in,
        &sample::client_bytes_out, &sample::server_bytes_in, &sample::server_bytes_out);
    for (std::size_t i = 0; i < sum.pins.size(); ++i) sum.pins[i] += more.pins[i];
    add_labels(sum.refusals, more.refusals);
    add_errors(sum.errors, more.errors);
}

void add_placements(std::vector<placement_sample>& sum, const std::vector<placement_sample>& more) {
    for (const placement_sample& each : more) {
        auto* known = find_or_append(sum, each, [&](const placement_sample& other) {
            return other.placement == each.placement && other.backend == each.backend;
        });
        if (known != nullptr) add_placement(*known, each);
    }
}

void add_backends(std::vector<backend_counts_sample>& sum, const std::vector<backend_counts_sample>& more) {
    using sample = backend_counts_sample;
    for (const sample& each : more) {
        auto* known =
            find_or_append(sum, each, [&](const sample& other) { return other.backend == each.backend; });
        if (known == nullptr) continue;
        add(*known, each, &sample::logins_ok, &sample::logins_failed, &sample::connection_attempts,
            &sample::name_lookups);
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
            using sample = tenant_sample;
            add(sum[at->second], each, &sample::links, &sample::transaction_nanoseconds,
                &sample::client_bytes, &sample::refusals, &sample::waiting);
        }
    }
    return sum;
}

void add_worker(worker_snapshot& sum, const worker_snapshot& more) {
    using sample = worker_snapshot;
    add(sum, more, &sample::clients_logging_in, &sample::client_logins_ok, &sample::client_logins_failed,
        &sample::client_logins_aborted, &sample::cancel_requests_unmatched);
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

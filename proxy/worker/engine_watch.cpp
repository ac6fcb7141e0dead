// What an engine learns about its databases beside the traffic, and what it tells a scrape.
#include "proxy/worker/engine.h"

#include <algorithm>
#include <future>
#include <utility>

namespace fairlead::proxy::worker {
namespace {

constexpr std::chrono::seconds retry_refused{2};
constexpr std::chrono::seconds scrape_patience{2};

/// What a run may ask: PostgreSQL takes a connection for each database, MySQL a tenth of a millisecond.
std::size_t databases_per_probe(config::Engine engine) {
    return engine == config::Engine::mysql ? 2'000 : 50;
}

metrics::estate_sample to_sample(const dal::BackendProbe& probe) {
    metrics::estate_sample sample;
    sample.backend = probe.backend;
    for (const dal::PlacedTables& each : probe.placed) {
        sample.tables.push_back({each.database, each.placement, each.tables});
    }
    sample.buffer_hit_ratio_interval = probe.hit_ratio_interval;
    sample.buffer_hit_ratio_start = probe.hit_ratio_total;
    if (probe.max_connections != 0) {
        sample.connections_used = probe.connections_used;
        sample.connections_max = probe.max_connections;
    }
    if (probe.attempts) {
        sample.connection_attempts = probe.attempts->begun;
        sample.connections_aborted = probe.attempts->aborted;
    }
    if (probe.table_cache) {
        sample.table_cache_misses = probe.table_cache->misses;
        sample.tables_opened = probe.table_cache->opened;
    }
    return sample;
}

bool serve_alike(const std::vector<scoped_placement>& known,
                 const std::vector<dal::served_placement>& fresh) {
    return std::equal(known.begin(), known.end(), fresh.begin(), fresh.end(),
                      [](const auto& a, const auto& b) { return dal::serve_alike(a.verified, b); });
}

}  // namespace

void engine::watch() {
    dal::TimePoint next_check = std::chrono::steady_clock::now() + retry_refused;
    for (;;) {
        std::optional<next_config> next;
        {
            std::unique_lock lock(mutex_);
            wake_watcher_.wait_for(lock, std::chrono::milliseconds(500),
                                   [this] { return stopping_ || next_.has_value(); });
            if (stopping_) return;
            next = std::exchange(next_, std::nullopt);
        }
        make_rsa_key();
        dal::TimePoint now = std::chrono::steady_clock::now();
        if (next || now >= next_check) {
            if (next) {
                take_over(std::move(*next));
            } else {
                check_placements();
            }
            next_check = std::chrono::steady_clock::now() + check_interval();
        }
        probe_backends(now);
    }
}

// Making one takes some 100 ms, which a worker's clients would spend waiting for somebody who has not even
// logged in.
void engine::make_rsa_key() {
    if (!snapshot_->settings().mysql.address.empty()) shared_.rsa_key.get();
}

std::chrono::milliseconds engine::check_interval() const {
    std::chrono::milliseconds interval = std::chrono::hours(1);
    for (const config::Placement& placement : snapshot_->settings().placements) {
        interval = std::min(interval, placement.catalogue_refresh);
    }
    bool refused =
        std::any_of(placements_.begin(), placements_.end(), [](const auto& p) { return !p.served(); });
    return refused ? std::min<std::chrono::milliseconds>(interval, retry_refused) : interval;
}

void engine::check_placements() {
    auto verified = check_.run(*snapshot_);
    if (serve_alike(placements_, verified)) return;
    {
        std::lock_guard lock(mutex_);
        placements_ = make_scopes(std::move(verified), placements_);
    }
    publish();
}

void engine::probe_backends(dal::TimePoint now) {
    config::SnapshotPtr snapshot;
    {
        std::lock_guard lock(mutex_);
        snapshot = snapshot_;
    }
    std::chrono::milliseconds stagger{0};
    for (const config::Backend& backend : snapshot->settings().backends) {
        if (backend.probe_interval.count() == 0) continue;
        probe_state* state = nullptr;
        {
            std::lock_guard lock(mutex_);
            state = &probes_[backend.name];
        }
        if (state->generation != snapshot->generation()) {
            std::vector<config::Placement> placements;
            for (const auto& placement : snapshot->settings().placements) {
                if (placement.backend == backend.name) placements.push_back(placement);
            }
            state->prober = dal::make_backend_prober(backend, std::move(placements));
            state->generation = snapshot->generation();
            state->next = now + stagger;
        }
        stagger += std::chrono::milliseconds(200);  // backends are not asked all at once
        if (now < state->next) continue;
        dal::BackendProbe probe = state->prober->run(databases_per_probe(backend.engine));
        std::lock_guard lock(mutex_);
        state->next = std::chrono::steady_clock::now() + backend.probe_interval;
        if (!probe.error.empty()) {
            log_.warning("estate probe failed", {{"backend", backend.name}, {"error", probe.error}});
        } else {
            state->succeeded = std::chrono::steady_clock::now();
        }
        state->last = std::move(probe);
        state->has_result = true;
        if (stopping_ || next_) return;  // a reload does not wait for all of them
    }
}

metrics::metrics_snapshot engine::take_snapshot() {
    metrics::metrics_snapshot result;
    for (auto& each : shared_.workers) {
        auto promise = std::make_shared<std::promise<metrics::worker_snapshot>>();
        auto future = promise->get_future();
        each->post([promise, &here = *each] { promise->set_value(here.snapshot()); });
        if (future.wait_for(scrape_patience) == std::future_status::ready)
            result.workers.push_back(future.get());
    }
    dal::TimePoint now = std::chrono::steady_clock::now();
    std::lock_guard lock(mutex_);
    for (const auto& [name, runtime] : backends_) {
        std::lock_guard pool_lock(runtime->mutex);
        result.pools.push_back({name, runtime->settings->pool_size, runtime->pool.stats(now)});
    }
    for (const auto& [name, state] : probes_) {
        if (!state.has_result) continue;
        metrics::estate_sample sample = to_sample(state.last);
        if (state.succeeded != dal::TimePoint{}) {
            sample.age = std::chrono::duration_cast<std::chrono::milliseconds>(now - state.succeeded);
        }
        result.estate.push_back(std::move(sample));
    }
    for (const auto& placement : placements_) {
        const dal::served_placement& verified = placement.verified;
        result.placements.push_back({verified.backend, verified.name, verified.served()});
    }
    result.config_generation = generation_;
    result.tenants = snapshot_->tenant_count();
    return result;
}

}  // namespace fairlead::proxy::worker

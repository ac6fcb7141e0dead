// A new configuration's way into a running engine.
#include "dal/pool/pool_limits.h"
#include "dal/routing/pool_database.h"
#include "proxy/auth/random_source.h"
#include "proxy/worker/engine.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace fairlead::proxy::worker {
namespace {

std::uint64_t random_seed() {
    std::array<std::uint8_t, 8> bytes{};
    auth::system_random(bytes);
    std::uint64_t seed = 0;
    std::memcpy(&seed, bytes.data(), bytes.size());
    return seed;
}

}  // namespace

// Whatever can be wrong with it is found here, before anything has changed. The rest needs the databases and
// is the watcher's: this thread accepts clients.
Status engine::reload(config::SnapshotPtr snapshot) {
    std::shared_ptr<const auth::credential_store> known;
    {
        std::lock_guard lock(mutex_);
        known = credentials_;
    }
    auto credentials = auth::credential_store::build(snapshot, known);
    if (!credentials) return credentials.error();
    auto contexts = tls_contexts_of(*snapshot);
    if (!contexts) return contexts.error();
    {
        std::lock_guard lock(mutex_);
        next_ = next_config{std::move(snapshot), *credentials, std::move(*contexts)};
    }
    wake_watcher_.notify_all();
    return {};
}

// Until its placements are checked the old configuration serves; then everything changes together.
void engine::take_over(next_config next) {
    auto verified = check_.run(*next.snapshot);
    config::SnapshotDiff diff(snapshot_, next.snapshot);
    for (const std::string& line : diff.needs_restart())
        log_.warning("takes effect after a restart", {{"setting", line}});
    {
        std::lock_guard lock(mutex_);
        update_backends(*next.snapshot, next.contexts);
        snapshot_ = std::move(next.snapshot);
        credentials_ = std::move(next.credentials);
        placements_ = make_scopes(std::move(verified), placements_);
    }
    publish();
    renew_pools(diff);
    keep_warm();
    announce();
}

// Workers take things over in their own time and in order: behind what they were given, each is asked to say
// that it has. Who reads the new generation, or "reloaded", can count on all of it.
void engine::announce() {
    auto left = std::make_shared<std::atomic<std::size_t>>(shared_.workers.size());
    for (auto& each : shared_.workers) {
        each->post([this, left, snapshot = snapshot_] {
            if (left->fetch_sub(1) != 1) return;
            generation_ = snapshot->generation();
            log_.info("reloaded",
                      {{"generation", snapshot->generation()}, {"tenants", snapshot->tenant_count()}});
        });
    }
}

Result<engine::tls_contexts> engine::tls_contexts_of(const config::Snapshot& snapshot) {
    tls_contexts contexts;
    for (const config::Backend& backend : snapshot.settings().backends) {
        if (backend.tls.mode == config::TlsMode::disable) continue;
        auto context = net::tls_context::for_backend(backend.tls);
        if (!context) return Error{"backends." + backend.name + ".tls: " + context.error().message, {}};
        contexts[backend.name] = *context;
    }
    return contexts;
}

void engine::update_backends(const config::Snapshot& snapshot, tls_contexts& contexts) {
    for (const config::Backend& backend : snapshot.settings().backends) {
        auto settings = std::make_shared<const config::Backend>(backend);
        auto& known = backends_[backend.name];
        if (known == nullptr) {
            known = std::make_shared<backend_runtime>(next_backend_index_++, settings, contexts[backend.name],
                                                      random_seed());
            continue;
        }
        std::lock_guard lock(known->mutex);
        known->settings = settings;
        known->tls = contexts[backend.name];
    }
}

void engine::renew_pools(const config::SnapshotDiff& diff) {
    dal::TimePoint now = std::chrono::steady_clock::now();
    const auto& moved = diff.backends().reconnect;
    for (const auto& [name, runtime] : backends_) {
        bool reconnect =
            std::find(moved.begin(), moved.end(), name) != moved.end() || snapshot_->backend(name) == nullptr;
        auto actions = std::make_shared<dal::PoolActions>();
        {
            std::lock_guard lock(runtime->mutex);
            runtime->pool.set_limits(dal::limits_of(*runtime->settings), now, *actions);
            if (reconnect) {
                runtime->addresses.clear();
                runtime->baselines.clear();
                runtime->pool.recycle_all(now, *actions);
            }
        }
        shared_.workers.front()->post_to(
            0, [runtime = runtime, actions](worker& first) { first.links().perform(runtime, *actions); });
    }
}

void engine::keep_warm() {
    for (const auto& [name, runtime] : backends_) {
        const auto warm = dal::warm_database(snapshot_->settings(), *runtime->settings);
        if (!warm) continue;
        auto actions = std::make_shared<dal::PoolActions>();
        {
            std::lock_guard lock(runtime->mutex);
            dal::DatabaseSlot database = runtime->pool.enter_database(*warm);
            runtime->pool.keep_warm(database, std::chrono::steady_clock::now(), *actions);
        }
        shared_.workers.front()->post_to(
            0, [runtime = runtime, actions](worker& one) { one.links().perform(runtime, *actions); });
    }
}

}  // namespace fairlead::proxy::worker

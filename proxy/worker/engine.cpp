#include "proxy/worker/engine.h"

#include "config/enum_names.h"
#include "proxy/auth/random_source.h"

#include <algorithm>
#include <cstring>

namespace fairlead::proxy::worker {
namespace {

std::uint64_t random_seed() {
    std::array<std::uint8_t, 8> bytes{};
    auth::system_random(bytes);
    std::uint64_t seed = 0;
    std::memcpy(&seed, bytes.data(), bytes.size());
    return seed;
}

unsigned worker_count(const config::Settings& settings) {
    unsigned wanted =
        settings.proxy.workers != 0 ? settings.proxy.workers : std::thread::hardware_concurrency();
    return std::clamp(wanted, 1u, 128u);  // a cancel key has seven bits for the worker
}

mysql_greeting greeting_of(const policy::mysql::GuardScope& server) {
    auto text = [](std::uint32_t number) { return std::to_string(number % 100); };
    std::string version = std::to_string(server.server_version / 10000) + "." +
                          text(server.server_version / 100) + "." + text(server.server_version);
    bool mariadb = server.server == policy::mysql::flavour::mariadb;
    // MariaDB servers of the 10 series greet with this in front, and clients look for it.
    return {server.server, mariadb ? "5.5.5-" + version + "-MariaDB-fairlead" : version + "-fairlead"};
}

}  // namespace

engine::engine(boost::asio::io_context& control, Logger& log, const std::string& config_file)
    : control_(control), log_(log), shared_(log), check_(log, config_file) {}

engine::~engine() {
    stop();
}

Status engine::start(config::SnapshotPtr snapshot) {
    auto credentials = auth::credential_store::build(snapshot);
    if (!credentials) return credentials.error();
    credentials_ = *credentials;
    for (const std::string& name : credentials_->malformed()) {
        log_.warning("user cannot log in: its SCRAM secret is malformed", {{"user", name}});
    }
    snapshot_ = std::move(snapshot);
    if (Status updated = update_backends(*snapshot_); !updated) return updated;
    placements_ = check_.run(*snapshot_);

    const config::Settings& settings = snapshot_->settings();
    worker_config config = current_config();
    for (unsigned i = 0; i < worker_count(settings); ++i) {
        shared_.workers.push_back(std::make_unique<worker>(i, shared_, config));
    }
    for (auto& each : shared_.workers) {
        if (Status started = each->start(); !started) return started;
    }
    if (Status opened = open_listeners(settings); !opened) return opened;
    keep_warm();
    watcher_ = std::thread([this] { watch(); });
    return {};
}

Status engine::update_backends(const config::Snapshot& snapshot) {
    std::map<std::string, std::shared_ptr<const net::tls_context>> contexts;
    for (const config::Backend& backend : snapshot.settings().backends) {
        if (backend.tls.mode == config::TlsMode::disable) continue;
        auto context = net::tls_context::for_backend(backend.tls);
        if (!context) return Error{"backends." + backend.name + ".tls: " + context.error().message, {}};
        contexts[backend.name] = *context;
    }
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
    return {};
}

worker_config engine::current_config() const {
    worker_config config;
    config.snapshot = snapshot_;
    config.credentials = credentials_;
    config.placements = placements_;
    for (const auto& [name, runtime] : backends_) config.backends.push_back(runtime);
    for (const auto& placement : placements_) {
        if (placement.mysql_scope == nullptr) continue;
        config.greeting = greeting_of(placement.mysql_scope->guard);
        break;
    }
    return config;
}

Status engine::open_listeners(const config::Settings& settings) {
    if (Status opened = open_listeners(settings, config::Engine::postgres, settings.postgres); !opened)
        return opened;
    if (Status opened = open_listeners(settings, config::Engine::mysql, settings.mysql); !opened)
        return opened;
    listening_ = true;
    return {};
}

Status engine::open_listeners(const config::Settings& settings, config::Engine kind,
                              const config::Listen& wanted) {
    std::string name(config::name_of(kind));
    auto plain = std::make_shared<listener_info>();
    plain->engine = kind;
    plain->sni_suffix = wanted.sni_suffix;
    plain->auth = wanted.auth;
    auto info = std::make_shared<listener_info>(*plain);
    plain->local = true;
    info->tls_mode = wanted.tls.mode;
    if (wanted.tls.mode != config::TlsMode::disable && !wanted.tls.cert.empty()) {
        auto context = net::tls_context::for_listener(wanted.tls);
        if (!context) return Error{"listen." + name + ".tls: " + context.error().message, {}};
        info->tls = *context;
    }
    for (const std::string& address : wanted.address) {
        bool is_unix = address.starts_with("unix:");
        listeners_.push_back(std::make_unique<listener>(
            control_, shared_, is_unix ? plain : info,
            listener::limits{settings.proxy.max_client_connections, settings.proxy.max_startup_connections}));
        if (Status opened = listeners_.back()->open(address); !opened) return opened;
        log_.info("listening", {{"engine", name}, {"address", address}});
    }
    return {};
}

Status engine::reload(config::SnapshotPtr snapshot) {
    auto credentials = auth::credential_store::build(snapshot, credentials_);
    if (!credentials) return credentials.error();
    config::SnapshotDiff diff(snapshot_, snapshot);
    for (const std::string& line : diff.needs_restart())
        log_.warning("takes effect after a restart", {{"setting", line}});
    {
        std::lock_guard lock(mutex_);
        if (Status updated = update_backends(*snapshot); !updated) return updated;
        snapshot_ = std::move(snapshot);
        credentials_ = *credentials;
    }
    check_placements(true);
    dal::TimePoint now = std::chrono::steady_clock::now();
    for (const auto& [name, runtime] : backends_) {
        dal::PoolActions actions;
        bool reconnect = std::find(diff.backends().reconnect.begin(), diff.backends().reconnect.end(),
                                   name) != diff.backends().reconnect.end() ||
                         snapshot_->backend(name) == nullptr;
        {
            std::lock_guard lock(runtime->mutex);
            runtime->pool.set_limits(backend_runtime::limits_of(*runtime->settings), now, actions);
            if (reconnect) {
                runtime->addresses.clear();
                runtime->baselines.clear();
                runtime->pool.recycle_all(now, actions);
            }
        }
        auto shared_actions = std::make_shared<dal::PoolActions>(std::move(actions));
        shared_.workers.front()->post_to(0, [runtime = runtime, shared_actions](worker& first) {
            first.links().perform(runtime, *shared_actions);
        });
    }
    keep_warm();
    return {};
}

// min_pool_size connections belong to a database; without tenants to go by, that of the first placement that
// names one.
void engine::keep_warm() {
    for (const auto& [name, runtime] : backends_) {
        const auto& placements = snapshot_->settings().placements;
        auto first = std::find_if(placements.begin(), placements.end(), [&, &backend = name](const auto& p) {
            return p.backend == backend && p.database.find("{id}") == std::string::npos;
        });
        if (runtime->settings->min_pool_size == 0 || first == placements.end()) continue;
        auto actions = std::make_shared<dal::PoolActions>();
        {
            std::lock_guard lock(runtime->mutex);
            dal::DatabaseSlot database =
                runtime->pool.enter_database(pool_database(runtime->settings->engine, first->database));
            runtime->pool.keep_warm(database, std::chrono::steady_clock::now(), *actions);
        }
        shared_.workers.front()->post_to(
            0, [runtime = runtime, actions](worker& one) { one.links().perform(runtime, *actions); });
    }
}

void engine::publish() {
    worker_config config;
    {
        std::lock_guard lock(mutex_);
        config = current_config();
    }
    for (auto& each : shared_.workers) {
        each->post_to(each->index(), [config](worker& here) { here.apply(config); });
    }
}

void engine::drain() {
    shared_.draining = true;
    listening_ = false;
    listeners_.clear();
    for (auto& each : shared_.workers) {
        each->post_to(each->index(), [](worker& here) { here.start_drain(); });
    }
}

void engine::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_watcher_.notify_all();
    if (watcher_.joinable()) watcher_.join();
    listeners_.clear();
    for (auto& each : shared_.workers) each->stop();
    for (auto& each : shared_.workers) each->join();
}

admin::readiness engine::readiness() const {
    admin::readiness now;
    now.draining = shared_.draining;
    now.listeners_open = listening_;
    std::lock_guard lock(mutex_);
    for (const auto& placement : placements_) {
        if (placement.served()) {
            ++now.placements_up;
        } else {
            now.refused_placements.push_back(placement.name + ": " + placement.refusal);
        }
    }
    return now;
}

}  // namespace fairlead::proxy::worker

#include "proxy/worker/engine.h"

#include "config/enum_names.h"

#include <algorithm>

namespace fairlead::proxy::worker {
namespace {

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
    auto contexts = tls_contexts_of(*snapshot_);
    if (!contexts) return contexts.error();
    update_backends(*snapshot_, *contexts);
    placements_ = make_scopes(check_.run(*snapshot_), {});
    generation_ = snapshot_->generation();

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

worker_config engine::current_config() const {
    worker_config config;
    config.snapshot = snapshot_;
    config.credentials = credentials_;
    config.placements = placements_;
    for (const auto& [name, runtime] : backends_) config.backends.push_back(runtime);
    for (const auto& placement : placements_) {
        if (placement.mysql == nullptr) continue;
        config.greeting = greeting_of(placement.mysql->guard);
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
            now.refused_placements.push_back(placement.verified.name + ": " + placement.verified.refusal);
        }
    }
    return now;
}

}  // namespace fairlead::proxy::worker

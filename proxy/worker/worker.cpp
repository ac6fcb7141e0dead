#include "proxy/worker/worker.h"

#include "proxy/worker/engine_factory.h"

#include <algorithm>

namespace fairlead::proxy::worker {
namespace {

constexpr std::chrono::milliseconds tick_interval{50};
constexpr std::chrono::milliseconds poll_interval{10};
// A slot's number is what KILL and cancel requests name a client by: let it rest before it is another's.
constexpr std::size_t min_free_slots = 256;

/// Observes connections that serve no client.
class silent_observer final : public session_observer {
public:
    void on_refusal(const policy::Refusal&, std::string_view) override {}
    void on_error(std::string_view, bool) override {}
    void on_statement() override {}
    void on_pin(policy::Pin) override {}
    void on_unpin() override {}
};

std::int64_t unix_seconds() {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

}  // namespace

worker::worker(unsigned index, shared_state& shared, const worker_config& config)
    : index_(index),
      shared_(shared),
      work_(boost::asio::make_work_guard(io_)),
      timer_(io_),
      reactor_([this] { after_batch(); }),
      verdicts_(config.snapshot->settings().proxy.guard_cache_bytes),
      postgres_services_{.verdicts = verdicts_,
                         .statements = shared.statements,
                         .unix_seconds = unix_seconds,
                         .next_serial = (static_cast<std::uint64_t>(index) << 48) + 1},
      mysql_verdicts_(config.snapshot->settings().proxy.guard_cache_bytes),
      judge_(mysql_verdicts_),
      mysql_services_{.judge = judge_, .statements = shared.statements},
      nobody_(std::make_unique<silent_observer>()),
      links_(*this),
      scratch_(std::make_unique<std::array<std::uint8_t, 64 << 10>>()) {
    read_clock();
    apply(config);
}

worker::~worker() {
    stop();
    join();
}

Status worker::start() {
    if (Status opened = reactor_.open(); !opened) return opened;
    arm_tick();
    thread_ = std::thread([this] { run(); });
    return {};
}

// Descriptors first; Asio's timers and posts when somebody says so, and every few milliseconds for what
// nobody announces (a look-up's answer).
void worker::run() {
    dal::TimePoint next_poll = now_;
    while (!stopping_) {
        bool woken = reactor_.run_batch(poll_interval);
        if (!woken && now_ < next_poll) continue;
        io_.poll();
        next_poll = now_ + poll_interval;
    }
}

void worker::stop() {
    post([this] {
        io_.stop();  // what is queued behind this, a tick for one, would meet clients whose servers are gone
        for (client_slot& slot : clients_) {
            if (slot.client != nullptr) slot.client->close();
        }
        links_.close_all();
        stopping_ = true;
    });
}

void worker::join() {
    if (thread_.joinable()) thread_.join();
}

void worker::arm_tick() {
    timer_.expires_after(tick_interval);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        tick();
        arm_tick();
    });
}

// Pools are shared by all workers; each is ticked by one of them.
void worker::tick() {
    read_clock();
    while (!login_deadlines_.empty() && login_deadlines_.front().first <= now_) {
        client_connection* late = client(login_deadlines_.front().second);
        login_deadlines_.pop_front();
        if (late == nullptr) continue;
        if (late->state() != client_state::logging_in) continue;
        late->break_off_login({.sqlstate = "08006",
                               .message = "login timed out",
                               .hint = "See proxy.login_timeout.",
                               .fatal = true});
    }
    for (const auto& backend : config_.backends) {
        if (backend->index % shared_.workers.size() != index_) continue;
        dal::PoolActions actions;
        {
            std::lock_guard lock(backend->mutex);
            backend->pool.tick(now_, actions);
        }
        if (!actions.empty()) links_.perform(backend, actions);
    }
    links_.tick(now_);
    if (draining_) start_drain();
    after_batch();
}

void worker::after_batch() {
    graveyard_.clear();
    links_.bury();
    read_clock();
}

void worker::accept(net::descriptor socket, bool tcp, std::shared_ptr<const listener_info> listener,
                    bool crowded) {
    clients_here_.fetch_add(1, std::memory_order_relaxed);
    auto shared_socket = std::make_shared<net::descriptor>(std::move(socket));
    post([this, shared_socket, tcp, crowded, listener = std::move(listener)]() mutable {
        read_clock();
        if (crowded) end_oldest_login();
        std::uint32_t slot = 0;
        if (free_slots_.size() < min_free_slots) {
            slot = static_cast<std::uint32_t>(clients_.size());
            clients_.emplace_back();
        } else {
            slot = free_slots_.front();
            free_slots_.pop_front();
        }
        std::uint64_t cookie = (static_cast<std::uint64_t>(clients_[slot].generation) << 32) | slot;
        net::prepare_socket(shared_socket->get(), tcp);
        clients_[slot].client = engine_factory::make_client(*this, cookie, std::move(listener),
                                                            net::transport(std::move(*shared_socket)));
        client_connection& client = *clients_[slot].client;
        watch_login(client);
        if (!client.attach()) return client.close_now();
        client.begin();
    });
}

client_connection* worker::client(std::uint64_t cookie) {
    auto slot = static_cast<std::uint32_t>(cookie);
    if (slot >= clients_.size() || clients_[slot].generation != cookie >> 32) return nullptr;
    return clients_[slot].client.get();
}

std::uint32_t worker::client_number(const client_connection& client) const {
    constexpr std::uint32_t mask = (1u << client_number_bits) - 1;
    return (index_ << client_number_bits) | ((static_cast<std::uint32_t>(client.cookie()) + 1) & mask);
}

client_connection* worker::client_numbered(std::uint32_t number) {
    std::uint32_t slot = (number & ((1u << client_number_bits) - 1)) - 1;
    return slot < clients_.size() ? clients_[slot].client.get() : nullptr;
}

void worker::watch_login(client_connection& client) {
    login_deadlines_.emplace_back(now_ + config_.snapshot->settings().proxy.login_timeout, client.cookie());
}

void worker::end_oldest_login() {
    while (!login_deadlines_.empty()) {
        client_connection* oldest = client(login_deadlines_.front().second);
        login_deadlines_.pop_front();
        if (oldest == nullptr || oldest->state() != client_state::logging_in) continue;
        return oldest->break_off_login({.sqlstate = "53300",
                                        .message = "too many connections are logging in",
                                        .hint = "See proxy.max_startup_connections.",
                                        .fatal = true});
    }
}

void worker::forget(client_connection& client) {
    auto slot = static_cast<std::uint32_t>(client.cookie());
    clients_here_.fetch_sub(1, std::memory_order_relaxed);
    shared_.client_count.fetch_sub(1, std::memory_order_relaxed);
    graveyard_.push_back(std::move(clients_[slot].client));
    ++clients_[slot].generation;
    free_slots_.push_back(slot);
}

worker_placement* worker::placement(std::string_view name) {
    auto found =
        std::find_if(placements_.begin(), placements_.end(), [&](const auto& p) { return p->name == name; });
    return found != placements_.end() ? found->get() : nullptr;
}

std::shared_ptr<backend_runtime> worker::backend(std::string_view name) const {
    auto found = std::find_if(config_.backends.begin(), config_.backends.end(),
                              [&](const auto& backend) { return backend->name == name; });
    return found != config_.backends.end() ? *found : nullptr;
}

void worker::apply(const worker_config& config) {
    bool reloaded = config_.snapshot != nullptr && config_.snapshot != config.snapshot;
    config_ = config;
    const config::Proxy& proxy = config.snapshot->settings().proxy;
    postgres_services_.max_statement_bytes = proxy.max_statement_bytes;
    postgres_services_.max_client_statements = proxy.max_prepared_statements;
    mysql_services_.max_statement_bytes = proxy.max_statement_bytes;
    mysql_services_.max_client_statements = proxy.max_prepared_statements;
    for (auto& known : placements_) {
        bool still = std::any_of(config.placements.begin(), config.placements.end(),
                                 [&](const auto& p) { return p.verified.name == known->name; });
        if (still || !known->served()) continue;
        give_scope(*known, nullptr, nullptr);
        known->client_refusal = "placement \"" + known->name + "\" was removed from the configuration";
    }
    for (const scoped_placement& next : config.placements) {
        const dal::served_placement& verified = next.verified;
        worker_placement* known = placement(verified.name);
        if (known == nullptr) {
            placements_.push_back(std::make_unique<worker_placement>());
            known = placements_.back().get();
            known->name = verified.name;
            known->counts = &metrics_.placement(verified.backend, verified.name);
        }
        give_scope(*known, next.postgres, next.mysql);
        known->client_refusal = verified.client_refusal;
        if (verified.postgres.key != nullptr) {
            known->postgres.sealer =
                std::make_unique<policy::postgres::ContextSealer>(*verified.postgres.key);
        }
    }
    if (!reloaded) return;
    for (client_slot& slot : clients_) {
        if (slot.client != nullptr) slot.client->follow(*config.snapshot);
    }
}

// Verdicts are kept by the scope's address, which may be another's after this.
void worker::give_scope(worker_placement& placement, std::shared_ptr<const postgres::placement_scope> scope,
                        std::shared_ptr<const mysql::placement_scope> mysql_scope) {
    if (placement.postgres.current != scope && placement.postgres.current != nullptr)
        verdicts_.forget(placement.postgres.current->guard);
    if (placement.mysql.current != mysql_scope && placement.mysql.current != nullptr)
        mysql_verdicts_.forget(placement.mysql.current->guard);
    placement.postgres.current = std::move(scope);
    placement.mysql.current = std::move(mysql_scope);
}

void worker::start_drain() {
    draining_ = true;
    for (client_slot& slot : clients_) {
        if (slot.client == nullptr || !slot.client->between_transactions()) continue;
        slot.client->end({.sqlstate = "57P01",
                          .message = "terminating connection because the proxy is shutting down",
                          .fatal = true});
    }
}

metrics::worker_snapshot worker::snapshot() const {
    metrics::worker_snapshot copy = metrics_.snapshot();
    const auto& counters = verdicts_.counters();
    const auto& of_mysql = mysql_verdicts_.counters();
    copy.verdict_cache = {counters.hits + of_mysql.hits, counters.misses + of_mysql.misses,
                          counters.evictions + of_mysql.evictions, counters.bytes + of_mysql.bytes};
    return copy;
}

}  // namespace fairlead::proxy::worker

#pragma once

#include "proxy/metrics/worker_metrics.h"
#include "proxy/net/reactor.h"
#include "proxy/session/mysql/client_session.h"
#include "proxy/session/mysql/guard_judge.h"
#include "proxy/session/observer.h"
#include "proxy/session/postgres/client_session.h"
#include "proxy/wire/mysql/compression.h"
#include "proxy/worker/client_connection.h"
#include "proxy/worker/link_broker.h"
#include "proxy/worker/placement_scopes.h"
#include "proxy/worker/shared_state.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace fairlead::proxy::worker {

/// As which server we greet MySQL clients: before they said who they are, so one for all of them.
struct mysql_greeting {
    policy::mysql::flavour flavour = policy::mysql::flavour::mariadb;
    std::string version = "5.5.5-10.11.0-MariaDB-fairlead";
};

/// What a reload gives each worker: one version of everything, to be taken over between two events.
struct worker_config {
    config::SnapshotPtr snapshot;
    std::shared_ptr<const auth::credential_store> credentials;
    std::vector<scoped_placement> placements;
    std::vector<std::shared_ptr<backend_runtime>> backends;
    mysql_greeting greeting;
};

/// One thread with its io_context, its descriptors, its clients and the server connections they use.
class worker {
public:
    worker(unsigned index, shared_state& shared, const worker_config& config);
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    // Any thread.
    Status start();
    void stop();  // closes everything; join() then returns
    void join();
    template <typename Function>
    void post(Function&& function) {
        boost::asio::post(io_, std::forward<Function>(function));
        reactor_.wake();
    }
    /// `crowded`: as many are logging in as may; who has been at it for longest makes room.
    void accept(net::descriptor socket, bool tcp, std::shared_ptr<const listener_info> listener,
                bool crowded);
    std::uint32_t client_count() const { return clients_here_.load(std::memory_order_relaxed); }

    // This worker's thread.
    void apply(const worker_config& config);
    void start_drain();
    metrics::worker_snapshot snapshot() const;

    unsigned index() const { return index_; }
    boost::asio::io_context& io() { return io_; }
    net::reactor& events() { return reactor_; }
    link_broker& links() { return links_; }
    shared_state& shared() { return shared_; }
    Logger& log() { return shared_.log; }
    metrics::worker_metrics& counts() { return metrics_; }
    mysql::session_services& mysql_services() { return mysql_services_; }
    mysql::compression_workspace& compression() { return compression_; }
    postgres::session_services& postgres_services() { return postgres_services_; }
    session_observer& nobody() { return *nobody_; }
    const worker_config& current() const { return config_; }
    worker_placement* placement(std::string_view name);
    std::shared_ptr<backend_runtime> backend(std::string_view name) const;
    /// Read once per batch of events.
    dal::TimePoint now() const { return now_; }
    dal::TimePoint read_clock() { return now_ = std::chrono::steady_clock::now(); }

    std::span<std::uint8_t> scratch() { return *scratch_; }
    outgoing& to_client() { return to_client_; }
    outgoing& to_server() { return to_server_; }

    client_connection* client(std::uint64_t cookie);
    /// The number by which the client's protocol knows its connection (process id, thread id): the worker in
    /// the upper seven bits, never 0. Used again when the client is gone.
    std::uint32_t client_number(const client_connection& client) const;
    static unsigned worker_of(std::uint32_t client_number) { return client_number >> client_number_bits; }
    client_connection* client_numbered(std::uint32_t number);
    /// Closed and to be destroyed after this batch.
    void forget(client_connection& client);
    void watch_login(client_connection& client);
    void end_oldest_login();

    /// Runs here or on another worker; here only after the current event.
    template <typename Function>
    void post_to(unsigned target, Function function) {
        worker& other = *shared_.workers[target];
        other.post([&other, function = std::move(function)]() mutable {
            other.read_clock();
            function(other);
            other.links_.run_grants();
            other.after_batch();
        });
    }

private:
    static constexpr unsigned client_number_bits = 24;

    void run();
    void after_batch();
    void tick();
    void arm_tick();
    void give_scope(worker_placement& placement, std::shared_ptr<const postgres::placement_scope> scope,
                    std::shared_ptr<const mysql::placement_scope> mysql_scope);

    const unsigned index_;
    shared_state& shared_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer timer_;
    net::reactor reactor_;
    worker_config config_;
    metrics::worker_metrics metrics_;
    policy::postgres::VerdictCache verdicts_;
    postgres::session_services postgres_services_;
    policy::mysql::VerdictCache mysql_verdicts_;
    mysql::guard_judge judge_;
    mysql::session_services mysql_services_;
    mysql::compression_workspace compression_;
    std::unique_ptr<session_observer> nobody_;
    std::vector<std::unique_ptr<worker_placement>> placements_;
    link_broker links_;

    struct client_slot {
        std::unique_ptr<client_connection> client;
        std::uint32_t generation = 1;
    };
    std::vector<client_slot> clients_;
    std::deque<std::uint32_t> free_slots_;
    std::vector<std::unique_ptr<client_connection>> graveyard_;
    std::deque<std::pair<dal::TimePoint, std::uint64_t>>
        login_deadlines_;  // FIFO: the time-out is one for all
    std::atomic<std::uint32_t> clients_here_{0};

    std::unique_ptr<std::array<std::uint8_t, 64 << 10>> scratch_;
    outgoing to_client_;
    outgoing to_server_;
    dal::TimePoint now_{};
    std::thread thread_;
    bool draining_ = false;
    bool stopping_ = false;
};

}  // namespace fairlead::proxy::worker

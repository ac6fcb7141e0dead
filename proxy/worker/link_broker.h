#pragma once

#include "dal/pool/backend_pool.h"
#include "proxy/worker/client_connection.h"
#include "proxy/worker/server_connection.h"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::worker {

class worker;

/// The server connections that live on one worker, and what the pools decide about them. Worker's thread
/// only, except where said.
class link_broker {
public:
    explicit link_broker(worker& home);
    ~link_broker();
    link_broker(const link_broker&) = delete;
    link_broker& operator=(const link_broker&) = delete;

    /// Answers with client.on_link() or on_link_failed(), perhaps before it returns.
    void request(client_connection& client);
    /// The waiter is gone or was cancelled. False: it was already granted, the link will still come.
    bool withdraw(client_connection& client);

    /// The connection is clean and nobody's.
    void give_back(server_connection& server);
    /// The connection is unfit: closed here, forgotten by the pool.
    void discard(server_connection& server, std::string_view why);
    void login_finished(server_connection& server);
    void login_failed(server_connection& server, std::string_view sqlstate, std::string_view message);

    /// Sends a CancelRequest for what `server` is doing; the connection is not lent to anybody else until it
    /// is done.
    void cancel(server_connection& server);

    void cancel_finished(std::uint64_t key);
    /// Names a server connection in the whole process.
    static std::uint64_t key_of(const backend_runtime& backend, dal::ConnectionId id);

    void tick(dal::TimePoint now);
    /// Does what a pool decided. Any worker may have asked; what concerns others is posted to them.
    void perform(const std::shared_ptr<backend_runtime>& backend, dal::PoolActions& actions);

    // Posted by other workers.
    void adopt(std::unique_ptr<server_connection> server, std::uint64_t cookie,
               std::chrono::nanoseconds waited);
    void hand_over(std::uint64_t key, unsigned to_worker, std::uint64_t cookie,
                   std::chrono::nanoseconds waited);

    /// After a batch of events: what was closed may now be destroyed.
    void bury();
    /// Gives granted connections to their waiters; called at the end of each event so that calls do not nest.
    void run_grants();
    /// Parallel cancels and everything else that is open. For the shutdown.
    void close_all();

    worker& owner() { return worker_; }

private:
    struct grant {
        std::uint64_t key;
        std::uint64_t cookie;
        std::chrono::nanoseconds waited;
    };
    server_connection* find(std::uint64_t key);

    /// Has the worker that it names open the connection.
    void post_connect(const std::shared_ptr<backend_runtime>& backend,
                      const dal::PoolActions::Connect& wanted);
    void connect(const std::shared_ptr<backend_runtime>& backend, dal::ConnectionId id,
                 dal::DatabaseSlot database);
    void resolve(const std::shared_ptr<backend_runtime>& backend, std::uint64_t key);
    void start_connecting(server_connection& server);
    void lend(server_connection& server, std::uint64_t cookie, std::chrono::nanoseconds waited);
    void close_by_key(std::uint64_t key);
    std::unique_ptr<server_connection> release_ownership(std::uint64_t key);

    worker& worker_;
    boost::asio::ip::tcp::resolver resolver_;
    std::unordered_map<std::uint64_t, std::unique_ptr<server_connection>> servers_;
    std::vector<std::unique_ptr<server_connection>> graveyard_;
    std::vector<std::unique_ptr<class cancel_connection>> cancels_;
    std::vector<grant> grants_;
    dal::PoolActions actions_;
    bool running_grants_ = false;
};

}  // namespace fairlead::proxy::worker

#pragma once

#include "dal/pool/backend_pool.h"
#include "proxy/net/connection.h"
#include "proxy/session/postgres/reply_reader.h"
#include "proxy/session/postgres/server_login.h"
#include "proxy/worker/backend_runtime.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

class client_connection;
class link_broker;

enum class server_state : std::uint8_t {
    resolving,
    connecting,
    logging_in,
    idle,      // in the pool
    linked,    // lent to `client`
    cleaning,  // nobody's: rolling back or resetting before it may go back
    held,      // clean, but a cancel request for it is still under way: must not reach the next user
    closed,
};

/// One connection to a backend. Owned by the link_broker of the worker it lives on; moves between workers
/// when a waiter elsewhere gets it.
class server_connection final : public net::connection {
public:
    server_connection(link_broker& home, std::shared_ptr<backend_runtime> backend, dal::ConnectionId id,
                      std::string database, net::reactor& reactor, net::transport stream);
    ~server_connection();

    void on_ready(std::uint32_t events) override;

    /// Reads and hands replies on; also called again when the client can take more.
    void read_replies();
    /// Puts it to the state where nobody's transaction or settings are left. Ends in the pool or closed.
    void start_cleaning(bool full_reset);
    void settle();

    link_broker* home;
    const std::shared_ptr<backend_runtime> backend;
    const dal::ConnectionId id;
    const std::string database;
    std::string replication;  // value of the start-up parameter; empty: an ordinary connection
    server_state state = server_state::resolving;
    postgres::server_session session;
    postgres::reply_stream reply;
    client_connection* client = nullptr;
    std::unique_ptr<postgres::server_login> login;
    net::endpoint address;
    dal::TimePoint deadline{};  // of connect and login, and of cleaning
    unsigned cancels_in_flight = 0;
    bool handshaking = false;

private:
    void on_connected();
    void continue_handshake();
    void continue_login(postgres::server_login::step step, const std::string& out);
    void read_login();
    void finish_login();
    bool handle_replies(Bytes fresh);

    std::shared_ptr<const net::tls_context> tls_in_use_;
};

}  // namespace fairlead::proxy::worker

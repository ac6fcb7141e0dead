#pragma once

#include "config/settings.h"
#include "dal/pool/backend_pool.h"
#include "proxy/net/connection.h"
#include "proxy/session/login.h"
#include "proxy/session/step.h"
#include "proxy/worker/backend_runtime.h"

#include <memory>
#include <string>
#include <string_view>

namespace fairlead::proxy::worker {

class cancel_connection;
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

/// One connection to a backend, whatever it speaks: connecting, being lent, cleaned and given back. What its
/// protocol says is the business of the classes that derive from it. Owned by the link_broker of the worker
/// it lives on; moves between workers when a waiter elsewhere gets it.
class server_connection : public net::connection {
public:
    server_connection(link_broker& home, std::shared_ptr<backend_runtime> backend, dal::ConnectionId id,
                      std::string database, net::reactor& reactor, net::transport stream);
    virtual ~server_connection();

    /// Reads and hands replies on; also called again when the client can take more.
    void read_replies();
    /// Puts it to the state where nobody's transaction or settings are left. Ends in the pool or closed.
    void start_cleaning(bool full_reset);
    void settle();

    // What the protocol's session says.
    /// Nothing outstanding, no transaction: can be lent to anybody.
    virtual bool idle() const = 0;
    virtual bool awaits_replies() const = 0;
    /// In a transaction, but between messages: a rollback would be understood.
    virtual bool can_roll_back() const = 0;
    virtual void require_full_reset() = 0;
    /// What a cancel request for the running statement goes by; null: there is no way.
    virtual std::unique_ptr<cancel_connection> make_cancel(net::transport stream) = 0;
    virtual void append_goodbye(std::string& out) const = 0;
    /// What clients are greeted with; null: nothing that depends on the server.
    virtual baseline_ptr baseline() const { return nullptr; }

    link_broker* home;
    const std::shared_ptr<backend_runtime> backend;
    const dal::ConnectionId id;
    const std::string database;  // as the pool knows it
    server_state state = server_state::resolving;
    client_connection* client = nullptr;
    net::endpoint address;
    dal::TimePoint deadline{};  // of connect and login, and of cleaning
    unsigned cancels_in_flight = 0;

protected:
    /// Connected: makes the login, with `tls` as the backend's settings want it on this address.
    virtual server_login_step start_login(const config::Backend& settings, config::TlsMode tls,
                                          std::string& out) = 0;
    virtual server_login_step on_login_bytes(Bytes fresh, std::string& out) = 0;
    virtual server_login_step on_login_tls(const auth::tls_peer& peer, std::string& out) = 0;
    virtual login_failure failure() const = 0;
    /// The login is over: takes over what it learned.
    virtual void finish_login() = 0;

    virtual server_step relay(Bytes fresh, outgoing& to_client, outgoing& to_server) = 0;
    /// The server's own last words were forwarded to the client.
    virtual bool said_error() const = 0;
    virtual bool needs_full_reset() const = 0;
    virtual void append_cleaning(bool full_reset, outgoing& to_server) = 0;

private:
    void on_events(std::uint32_t events) override;
    void on_connected();
    void continue_handshake();
    void continue_login(server_login_step step, const std::string& out);
    void read_login();
    bool handle_replies(Bytes fresh);

    std::shared_ptr<const net::tls_context> tls_in_use_;
    bool handshaking_ = false;
};

}  // namespace fairlead::proxy::worker

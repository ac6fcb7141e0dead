#pragma once

#include "config/settings.h"
#include "dal/routing/route.h"
#include "proxy/net/connection.h"
#include "proxy/session/client_error.h"
#include "proxy/session/observer.h"
#include "proxy/session/step.h"
#include "proxy/worker/client_route.h"
#include "proxy/worker/listener_info.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::proxy::worker {

class worker;
class server_connection;

enum class client_state : std::uint8_t {
    logging_in,
    greeting,  // authenticated; waits for a link to learn what its server reports
    ready,
    waiting,  // for a link
    asking,   // another worker, on its behalf
    closed,
};

/// One client, whatever it speaks: its way to a link and back, its limits, its counters. What its protocol
/// says is the business of the classes that derive from it. Owned by its worker; lives there for good.
class client_connection : public net::connection, protected session_observer {
public:
    client_connection(worker& home, std::uint64_t cookie, std::shared_ptr<const listener_info> listener,
                      net::transport stream);
    ~client_connection() override;

    /// Once its socket is watched: for a protocol in which the server speaks first.
    virtual void begin() {}

    std::uint64_t cookie() const { return cookie_; }
    client_state state() const { return state_; }
    const client_route* route() const { return route_.get(); }
    server_connection* link() const { return link_; }
    config::Engine engine() const { return listener_->engine; }

    // From the link broker.
    void on_link(server_connection& server, std::chrono::nanoseconds waited);
    void on_link_failed(const client_error& error);

    void close_now();
    /// It hung up, perhaps in the middle of something: its link is cleaned or closed.
    void leave();
    /// Not during TLS's handshake, which has no place for it, the client is told `why`.
    void break_off_login(const client_error& why);

    // From the server connection that is lent.
    session_observer& observer() { return *this; }
    /// Writes what the session has for the client. False: the client is gone.
    virtual bool deliver(const outgoing& out) { return write(out); }
    /// Output of the server was written to this client; go on with what it had sent meanwhile.
    void after_replies();
    /// Its server is gone. `said`: the server's own error was already forwarded.
    void on_server_lost(bool said);
    void on_transaction_end();
    void note_error_said(bool said) { error_said_ = error_said_ || said; }
    void count_replies(std::size_t from_server, std::size_t to_client);

    /// Another connection of its user asked to stop what it does: takes it off the queue, or stops its
    /// server.
    void cancel();
    /// Ends it with an error of ours: shutdown, time-out, ...
    void end(const client_error& error);
    /// During a drain: whether it can be told to go now.
    bool between_transactions() const;
    /// After a reload: sent away at the end of its transaction when its user or tenant is gone or lives
    /// elsewhere now; otherwise its tenant's new limits apply.
    void follow(const config::Snapshot& snapshot);

    dal::Ticket ticket{};

protected:
    // What the protocol has to say.
    /// Bytes of a client that is not logged in are there to be read (or a TLS handshake has to go on).
    virtual void read_login() = 0;
    virtual void on_tls_established() = 0;
    /// Goes through the client's bytes, as far as it can be gone through now.
    virtual client_step relay(Bytes fresh, outgoing& to_client, outgoing& to_server) = 0;
    /// Whether there is something that relay() has not gone through.
    virtual bool has_input() const { return !kept().empty(); }
    virtual void on_session_linked(server_connection& server, outgoing& to_server) = 0;
    virtual void on_session_unlinked() = 0;
    virtual bool has_session() const = 0;
    virtual bool pinned() const = 0;
    virtual void drop_session() = 0;
    /// The message that asked for a link gets `error`; returns how much of `input` is done with.
    virtual std::size_t fail_waiting(Bytes input, const client_error& error, outgoing& to_client) = 0;
    virtual void append_error(std::string& out, const client_error& error) const = 0;
    /// An error with this SQLSTATE is what a server says before it closes the connection: shutdown, crash of
    /// another backend, termination.
    virtual bool is_last_word(std::string_view sqlstate) const = 0;
    /// The name under which the pool keeps the connections that can serve it.
    virtual std::string pool_database(const client_route& route) const = 0;
    /// A link for a client that waits to be greeted.
    virtual void on_greeting_link(server_connection&) {}
    /// set_tenant, change_user, kill: what relay() asked for. Goes on with process_kept() when it is done.
    virtual void perform(client_next what) = 0;
    /// The session goes on in its new route, and the client hears it; or where it was, and hears why.
    virtual void finish_set_tenant(outgoing& to_client) = 0;
    virtual void reject_set_tenant(const client_error& error, outgoing& to_client) = 0;

    void on_refusal(const policy::Refusal& refusal, std::string_view sql) override;
    void on_error(std::string_view sqlstate, bool from_server) override;
    void on_statement() override;
    void on_pin(policy::Pin reason) override;
    void on_unpin() override;

    // client_login.cpp
    void begin_tls();
    void continue_handshake();
    /// A login that ended without an answer to be counted as a refusal.
    void abort_login();
    /// The login says that the connection closes, and has told the client why; `sqlstate` empty: there was
    /// nothing to tell.
    void end_login(std::string_view sqlstate, std::string_view user, std::string_view why);
    void refuse_login(const client_error& error);
    /// Finds the client's home and enters it; false: refused, and the client was told.
    bool enter_route(const dal::identity_labels& labels);
    /// The same for a client that has one already: on success it lives in the new one, with nothing of its
    /// session changed yet. A link that it holds outside of a transaction is given back.
    bool change_route(const dal::identity_labels& labels, dal::route_error& error);
    void leave_route();
    void become_ready();
    /// Keeps what later names of a tenant are held against; gives the labels that both protocols have.
    dal::identity_labels note_login(const config::User& user, const std::string& label,
                                    const auth::tls_peer* tls);
    /// Between transactions the client named a tenant: resolved like a login with one more label.
    void set_tenant(const std::string& named);

    // client_connection.cpp
    void read_session();
    void process(Bytes fresh);
    void process_kept();
    bool send(const outgoing& out);
    server_connection* drop_link();
    /// Gives a link back that is in the middle of something: cleaned, or closed.
    void abandon_link();
    void count_client_bytes(std::size_t bytes);
    bool request_link();
    void set_state(client_state next);
    void send_away();

    worker& worker_;
    const std::uint64_t cookie_;
    std::shared_ptr<const listener_info> listener_;
    std::unique_ptr<client_route> route_;
    std::string user_;  // looked up again when the client names another tenant: a reload may have come
    std::string exposed_database_;
    std::string login_label_;  // "acme" of app.acme, to be held against a tenant that is named later
    std::vector<std::string> certificate_tenants_;  // likewise
    server_connection* link_ = nullptr;
    bool handshaking_ = false;

private:
    void on_events(std::uint32_t events) override;
    bool find_route(const dal::identity_labels& labels, std::unique_ptr<client_route>& route,
                    dal::route_error& error);

    dal::TimePoint linked_at_{};
    client_state state_ = client_state::logging_in;
    bool error_said_ = false;
    bool requesting_ = false;
    bool unwelcome_ = false;  // a reload took its user or tenant away
};

}  // namespace fairlead::proxy::worker

#pragma once

#include "dal/routing/route.h"
#include "proxy/net/connection.h"
#include "proxy/session/postgres/client_login.h"
#include "proxy/session/postgres/client_session.h"
#include "proxy/worker/client_route.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace fairlead::proxy::worker {

class worker;
class server_connection;

/// What is common to all clients of one listening address.
struct listener_info {
    config::TlsMode tls_mode = config::TlsMode::disable;
    std::shared_ptr<const net::tls_context> tls;
    std::string sni_suffix;
    postgres::auth_method auth = postgres::auth_method::automatic;
};

enum class client_state : std::uint8_t {
    logging_in,
    greeting,  // authenticated; waits for a link to learn what its server reports
    ready,
    waiting,  // for a link
    closed,
};

/// One client. Owned by its worker; lives there for good.
class client_connection final : public net::connection, private session_observer {
public:
    client_connection(worker& home, std::uint64_t cookie, std::shared_ptr<const listener_info> listener,
                      net::transport stream);
    ~client_connection();

    void on_ready(std::uint32_t events) override;

    std::uint64_t cookie() const { return cookie_; }
    client_state state() const { return state_; }
    const client_route* route() const { return route_.get(); }
    const std::string& cancel_key() const { return cancel_key_; }
    server_connection* link() const { return link_; }

    // From the link broker.
    void on_link(server_connection& server, std::chrono::nanoseconds waited);
    void on_link_failed(const postgres::ErrorFields& error);

    void close_now();
    /// It hung up, perhaps in the middle of something: its link is cleaned or closed.
    void leave();
    void time_out_login();

    // From the server connection that is lent.
    postgres::client_session& session() { return *session_; }
    session_observer& observer() { return *this; }
    /// Output of the server was written to this client; go on with what it had sent meanwhile.
    void after_replies();
    /// Its server is gone. `said`: the server's own error was already forwarded.
    void on_server_lost(bool said);
    void on_transaction_end();
    void note_error_said(bool said) { error_said_ = error_said_ || said; }
    void count_replies(std::size_t from_server, std::size_t to_client);

    /// CancelRequest for it while it waits.
    void cancel_waiting();
    /// Ends it with an error of ours: shutdown, time-out, ...
    void end(const postgres::ErrorFields& error);
    /// During a drain: whether it can be told to go now.
    bool between_transactions() const;
    /// After a reload: sent away at the end of its transaction when its user or tenant is gone or lives
    /// elsewhere now; otherwise its tenant's new limits apply.
    void follow(const config::Snapshot& snapshot);

    dal::Ticket ticket{};
    dal::TimePoint login_deadline{};

private:
    void on_refusal(const policy::Refusal& refusal, std::string_view sql) override;
    void on_error(std::string_view sqlstate, bool from_server) override;
    void on_statement() override;
    void on_pin(policy::Pin reason) override;
    void on_unpin() override;

    // client_connection_login.cpp
    void read_login();
    void begin_tls(bool direct);
    void continue_handshake();
    void continue_login(postgres::client_login::step step, const std::string& out);
    void on_authenticated();
    bool find_route(const dal::identity_labels& labels, std::unique_ptr<client_route>& route,
                    dal::route_error& error);
    void leave_route();
    bool take_replication(postgres::replication_mode mode);
    bool add_setting(const postgres::placement_scope& scope, std::string_view name, std::string_view value);
    postgres::session_identity identity_of(const client_route& route) const;
    void open_session(const postgres::parameter_list& baseline);
    void refuse_login(std::string_view sqlstate, std::string_view message, std::string_view hint);

    // client_connection.cpp
    void read_session();
    void process(Bytes fresh);
    void process_kept();
    bool send(const outgoing& out);
    server_connection* drop_link();
    void count_client_bytes(std::size_t bytes);
    void handle_set_tenant();
    bool request_link();
    void set_state(client_state next);
    void send_away();

    worker& worker_;
    const std::uint64_t cookie_;
    std::shared_ptr<const listener_info> listener_;
    std::unique_ptr<postgres::client_login> login_;
    std::unique_ptr<client_route> route_;
    std::unique_ptr<postgres::client_session> session_;
    postgres::settings_ptr startup_settings_;
    std::string user_;  // looked up again when the client names another tenant: a reload may have come
    std::string exposed_database_;
    std::string login_label_;  // "acme" of app.acme, to be held against SET fairlead.tenant
    std::string cancel_key_;
    server_connection* link_ = nullptr;
    dal::TimePoint linked_at_{};
    client_state state_ = client_state::logging_in;
    std::uint8_t protocol_minor_ = 0;
    bool handshaking_ = false;
    bool direct_tls_ = false;
    bool error_said_ = false;
    bool requesting_ = false;
    bool unwelcome_ = false;  // a reload took its user or tenant away
};

}  // namespace fairlead::proxy::worker

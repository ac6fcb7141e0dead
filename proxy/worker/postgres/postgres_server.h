#pragma once

#include "proxy/session/postgres/reply_reader.h"
#include "proxy/session/postgres/server_login.h"
#include "proxy/session/postgres/server_session.h"
#include "proxy/worker/server_connection.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// A connection to a PostgreSQL server.
class postgres_server final : public server_connection {
public:
    /// `database`: as the pool knows it, perhaps with a replication_mark.
    postgres_server(link_broker& home, std::shared_ptr<backend_runtime> backend, dal::ConnectionId id,
                    const std::string& database, net::reactor& reactor);

    bool idle() const override { return session.idle(); }
    bool awaits_replies() const override { return !session.expected.empty(); }
    bool can_roll_back() const override;
    void require_full_reset() override { session.needs_full_reset = true; }
    std::unique_ptr<cancel_connection> make_cancel(net::transport stream) override;
    void append_goodbye(std::string& out) const override;
    baseline_ptr baseline() const override;

    postgres::server_session session;

private:
    server_login_step start_login(const config::Backend& settings, config::TlsMode tls,
                                  std::string& out) override;
    server_login_step on_login_bytes(Bytes fresh, std::string& out) override;
    server_login_step on_login_tls(const auth::tls_peer& peer, std::string& out) override;
    login_failure failure() const override { return login_->failure(); }
    void finish_login() override;
    server_step relay(Bytes fresh, outgoing& to_client, outgoing& to_server) override;
    bool said_error() const override { return session.error_in_segment; }
    bool needs_full_reset() const override { return session.needs_full_reset; }
    void append_cleaning(bool full_reset, outgoing& to_server) override;

    postgres::reply_stream reply_;
    std::unique_ptr<postgres::server_login> login_;
    std::string replication_;  // value of the start-up parameter; empty: an ordinary connection
};

}  // namespace fairlead::proxy::worker

#pragma once

#include "proxy/session/mysql/reply_reader.h"
#include "proxy/session/mysql/server_login.h"
#include "proxy/session/mysql/server_session.h"
#include "proxy/worker/server_connection.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// Connections whose UPDATE counts the rows found, not those changed, are fixed at login to do so; the pool
/// keeps them apart under this name.
inline constexpr std::string_view found_rows_mark = "\nfound_rows";

/// A connection to a MySQL or MariaDB server.
class mysql_server final : public server_connection {
public:
    /// `database`: as the pool knows it: empty, or the found_rows_mark.
    mysql_server(link_broker& home, std::shared_ptr<backend_runtime> backend, dal::ConnectionId id,
                 const std::string& database, net::reactor& reactor);

    bool idle() const override { return session.idle(); }
    bool awaits_replies() const override { return !session.expected.empty(); }
    bool can_roll_back() const override;
    void require_full_reset() override { session.needs_full_reset = true; }
    std::unique_ptr<cancel_connection> make_cancel(net::transport stream) override;
    void append_goodbye(std::string& out) const override;

    mysql::server_session session;

private:
    server_login_step start_login(const config::Backend& settings, config::TlsMode tls,
                                  std::string& out) override;
    server_login_step on_login_bytes(Bytes fresh, std::string& out) override;
    server_login_step on_login_tls(const auth::tls_peer& peer, std::string& out) override;
    login_failure failure() const override { return failure_; }
    void finish_login() override {}
    server_step relay(Bytes fresh, outgoing& to_client, outgoing& to_server) override;
    bool said_error() const override { return session.error_in_reply; }
    bool needs_full_reset() const override { return session.needs_full_reset; }
    void append_cleaning(bool full_reset, outgoing& to_server) override;

    server_login_step after_login(server_login_step step, std::string& out);
    server_login_step set_up(Bytes fresh);

    reply_stream reply_;
    std::unique_ptr<mysql::server_login> login_;  // null: logged in, perhaps still being set up
    login_failure failure_;
};

/// What a login of ours to this backend brings along.
mysql::server_login_parameters login_parameters(const config::Backend& settings, config::TlsMode tls,
                                                bool local);

}  // namespace fairlead::proxy::worker

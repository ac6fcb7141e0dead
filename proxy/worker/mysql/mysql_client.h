#pragma once

#include "proxy/session/mysql/client_login.h"
#include "proxy/session/mysql/client_session.h"
#include "proxy/wire/mysql/compression.h"
#include "proxy/worker/client_connection.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// A client that speaks MySQL's protocol.
class mysql_client final : public client_connection {
public:
    using client_connection::client_connection;
    ~mysql_client() override;

    void begin() override;
    bool deliver(const outgoing& out) override;

    mysql::client_session& session() { return *session_; }
    /// KILL by another connection of its tenant.
    void kill();

private:
    void read_login() override;
    void on_tls_established() override;
    client_step relay(Bytes fresh, outgoing& to_client, outgoing& to_server) override;
    bool has_input() const override { return !kept().empty() || !plain_.empty(); }
    void on_session_linked(server_connection& server, outgoing& to_server) override;
    void on_session_unlinked() override { session_->on_unlinked(); }
    bool has_session() const override { return session_ != nullptr; }
    bool pinned() const override { return session_->pinned(); }
    void drop_session() override { session_.reset(); }
    std::size_t fail_waiting(Bytes input, const client_error& error, outgoing& to_client) override;
    void append_error(std::string& out, const client_error& error) const override;
    /// 1053 ER_SERVER_SHUTDOWN and other ends of the connection share this class.
    bool is_last_word(std::string_view sqlstate) const override { return sqlstate == "08S01"; }
    std::string pool_database(const client_route& route) const override;
    void perform(client_next what) override;
    void finish_set_tenant(outgoing& to_client) override;
    void reject_set_tenant(const client_error& error, outgoing& to_client) override;

    mysql::client_login_context login_context() const;
    void login_bytes(Bytes fresh);
    void continue_login(client_login_step step, const std::string& out);
    bool say(const std::string& bytes);
    void on_authenticated();
    void open_session(settings_ptr startup);
    mysql::session_identity identity_of(const client_route& route) const;
    void change_user();
    void ask_kill();
    void finish_kill(bool found);
    client_step relay_plain(outgoing& to_client, outgoing& to_server);

    std::unique_ptr<mysql::client_login> login_;
    std::unique_ptr<mysql::client_session> session_;
    mysql::client_login::established established_;  // for COM_CHANGE_USER
    std::unique_ptr<mysql::frame_codec> codec_;     // null: not compressed
    std::string plain_;                             // unpacked, not yet gone through
};

}  // namespace fairlead::proxy::worker

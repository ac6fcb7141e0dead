#pragma once

#include "proxy/session/postgres/client_login.h"
#include "proxy/session/postgres/client_session.h"
#include "proxy/worker/client_connection.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// A client that speaks PostgreSQL's protocol.
class postgres_client final : public client_connection {
public:
    using client_connection::client_connection;
    ~postgres_client() override;

    postgres::client_session& session() { return *session_; }
    /// What a CancelRequest for it has to bring; empty until it is logged in.
    const std::string& cancel_key() const { return cancel_key_; }

private:
    void read_login() override;
    void on_tls_established() override;
    client_step relay(Bytes fresh, outgoing& to_client, outgoing& to_server) override;
    void on_session_linked(server_connection& server, outgoing& to_server) override;
    void on_session_unlinked() override { session_->on_unlinked(); }
    bool has_session() const override { return session_ != nullptr; }
    bool pinned() const override { return session_->pinned(); }
    void drop_session() override { session_.reset(); }
    std::size_t fail_waiting(Bytes input, const client_error& error, outgoing& to_client) override;
    void append_error(std::string& out, const client_error& error) const override;
    bool is_last_word(std::string_view sqlstate) const override { return sqlstate.starts_with("57P"); }
    std::string pool_database(const client_route& route) const override { return route.database; }
    void on_greeting_link(server_connection& server) override;
    void perform(client_next) override { set_tenant(session_->requested_tenant()); }
    void finish_set_tenant(outgoing& to_client) override;
    void reject_set_tenant(const client_error& error, outgoing& to_client) override;

    void continue_login(postgres::client_login::step step, const std::string& out);
    void on_authenticated();
    bool take_replication(postgres::replication_mode mode);
    bool add_setting(const postgres::placement_scope& scope, std::string_view name, std::string_view value);
    postgres::session_identity identity_of(const client_route& route) const;
    void open_session(const postgres::parameter_list& baseline);
    void pass_cancel_request();

    std::unique_ptr<postgres::client_login> login_;
    std::unique_ptr<postgres::client_session> session_;
    postgres::settings_ptr startup_settings_;
    std::string cancel_key_;
    std::uint8_t protocol_minor_ = 0;
    bool direct_tls_ = false;
};

}  // namespace fairlead::proxy::worker

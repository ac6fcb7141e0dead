#pragma once

#include "common/bytes.h"
#include "config/settings.h"
#include "proxy/auth/tls_peer.h"
#include "proxy/session/login.h"
#include "proxy/wire/mysql/err_packet.h"
#include "proxy/wire/mysql/handshake.h"
#include "proxy/wire/mysql/packet.h"
#include "proxy/wire/mysql/result_set.h"
#include "proxy/wire/mysql/server_version.h"

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::proxy::mysql {

struct server_login_parameters {
    /// disable and allow: no TLS asked for (also give `disable` for unix sockets). prefer: goes on without
    /// when the server has none. require, verify_*: fails then; checking the certificate is the TLS layer's
    /// work.
    config::TlsMode tls = config::TlsMode::disable;
    bool local = false;  // a unix socket: a password in clear text needs no TLS
    std::string user;
    std::string password;
    std::string database;  // empty: none
    /// found_rows and mariadb_bulk_operations may be added; what the server does not have is left out.
    capability_set capabilities = asked_of_servers;
    std::uint16_t collation = collation_utf8mb4_general_ci;
    connection_attributes attributes = {{"program_name", "fairlead"}};
    /// Sent once we are in: statements that answer with OK, in one text. Empty: none.
    std::string setup;
    /// Take the server's RSA key as it comes when caching_sha2_password wants the password without TLS.
    /// Whoever stands in between could send his own; off, such a login fails.
    bool trust_server_key = true;
};

/// Who answered, read in the same round trip as the set-up.
struct server_identity {
    server_version version;
    std::string version_text;     // @@version
    std::string version_comment;  // @@version_comment
    std::string sql_mode;
    std::uint64_t lower_case_table_names = 0;
    std::uint64_t max_allowed_packet = 0;  // bytes
    std::uint64_t thread_id = 0;           // CONNECTION_ID(); the greeting's has only 32 bits
};

/// Our login to a server, from its greeting to the end of the set-up. Sans-I/O; one thread; thrown away after
/// login. Trusts nothing the server sends: sizes and counts are bounded, order is checked. A password leaves
/// in clear text only under TLS, over a unix socket, or under the server's RSA key.
class server_login {
public:
    using next = server_login_next;
    using step = server_login_step;

    explicit server_login(server_login_parameters parameters);
    ~server_login();
    server_login(const server_login&) = delete;
    server_login& operator=(const server_login&) = delete;

    /// Call once, first. Says nothing: the server begins.
    step start(std::string& out);
    /// `input`: everything received and not yet consumed.
    step on_bytes(Bytes input, std::string& out);
    step on_tls_established(auth::tls_peer peer, std::string& out);

    static constexpr std::size_t max_packet = 64 * 1024;   // one packet during login
    static constexpr std::size_t max_total = 1024 * 1024;  // all of them
    /// Without these a server cannot be pooled: it would not say what a statement changed.
    static constexpr capability_set required = capability::protocol_41 | capability::secure_connection |
                                               capability::plugin_auth | capability::transactions |
                                               capability::multi_statements | capability::multi_results |
                                               capability::session_track | capability::deprecate_eof;

    // After `ready`.
    const server_identity& identity() const { return identity_; }
    capability_set capabilities() const { return capabilities_; }  // of this connection, on both sides
    std::uint16_t status() const { return status_; }
    bool has_tls() const { return has_tls_; }
    const std::string& auth_plugin() const { return plugin_; }  // that let us in

    const login_failure& failure() const { return failure_; }  // after `failed`

private:
    enum class state : std::uint8_t {
        created,
        greeting,
        tls,
        authentication,
        full,     // caching_sha2_password: the server is to send its key
        setup,    // OKs of the set-up
        columns,  // of the answer about its identity
        row,
        end,
        done
    };

    // These return false when the login has failed.
    bool on_packet(Bytes payload, std::string& out);
    bool on_greeting(Bytes payload, std::string& out);
    bool on_authentication(Bytes payload, std::string& out);
    bool on_setup(Bytes payload);
    bool on_identity(Bytes payload);
    bool take_identity(const text_row& row);

    // server_login_methods.cpp
    void send_response(std::string& out);
    std::optional<std::string> first_response(std::string& plugin);
    bool on_auth_switch(Bytes payload, std::string& out);
    std::optional<std::string> switched_response() const;
    bool on_auth_more(std::string_view data, std::string& out);
    bool send_full_password(std::string& out);
    bool on_server_key(std::string_view pem, std::string& out);
    std::string password_with_nul() const { return parameters_.password + std::string(1, '\0'); }

    bool secure() const { return has_tls_ || parameters_.local; }
    handshake_response response() const;
    void begin_setup(std::string& out);
    bool on_error(const err_packet& err);
    bool fail(std::string_view sqlstate, std::string message);
    step fail_step(std::string_view sqlstate, std::string message);

    server_login_parameters parameters_;
    auth::tls_peer tls_;
    server_identity identity_;
    login_failure failure_;
    std::string scramble_;
    std::string plugin_;
    capability_set capabilities_ = 0;
    std::size_t received_ = 0;
    std::uint64_t columns_ = 0;  // still to come
    std::uint16_t status_ = 0;
    std::uint8_t sequence_ = 0;  // of the next packet, whoever sends it
    std::uint8_t switches_ = 0;
    state state_ = state::created;
    bool has_tls_ = false;
    bool starts_tls_ = false;
    bool asked_full_ = false;
    bool failed_ = false;
};

}  // namespace fairlead::proxy::mysql

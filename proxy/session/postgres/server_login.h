#pragma once

#include "common/bytes.h"
#include "config/settings.h"
#include "proxy/auth/random_source.h"
#include "proxy/auth/scram_key_cache.h"
#include "proxy/auth/tls_peer.h"
#include "proxy/session/login.h"
#include "proxy/wire/postgres/frame.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::proxy::auth {
class scram_client;
}

namespace fairlead::proxy::postgres {

struct server_login_parameters {
    /// disable and allow: no TLS asked for (also give `disable` for unix sockets). prefer: goes on without
    /// when the server has none. require, verify_*: fails then; checking the certificate is the TLS layer's
    /// work.
    config::TlsMode tls = config::TlsMode::disable;
    std::string user;
    std::string password;
    std::string database;
    std::vector<std::pair<std::string, std::string>>
        settings;                      // more startup parameters: application_name, ...
    std::uint16_t protocol_minor = 0;  // what to ask for; the server may answer with less
    /// Sent after the first ReadyForQuery; must make the server answer with exactly one more ReadyForQuery.
    /// Empty: no set-up stage.
    std::string setup;
    auth::scram_key_cache* scram_keys = nullptr;     // must outlive the login; null: derive each time
    std::uint32_t max_scram_iterations = 1'000'000;  // a server that asks for more is refused
    auth::random_source random = &auth::system_random;
};

/// Our login to a server, from the first byte we send to the ReadyForQuery after the set-up. Sans-I/O; one
/// thread; thrown away after login. Trusts nothing the server sends: sizes and counts are bounded, order is
/// checked.
class server_login {
public:
    using next = server_login_next;
    using step = server_login_step;
    using login_failure = proxy::login_failure;  // sqlstate, if not the server's: 08001, 08P01 or 28000

    explicit server_login(server_login_parameters parameters);
    ~server_login();
    server_login(const server_login&) = delete;
    server_login& operator=(const server_login&) = delete;

    /// Call once, first.
    step start(std::string& out);
    /// `input`: everything received and not yet consumed.
    step on_bytes(Bytes input, std::string& out);
    step on_tls_established(auth::tls_peer peer, std::string& out);

    static constexpr std::size_t max_message = 64 * 1024;  // one message during login
    static constexpr std::size_t max_total = 1024 * 1024;  // all of them
    static constexpr std::size_t max_parameters = 256;

    // After `ready`.
    std::uint32_t pid() const { return pid_; }
    const std::string& cancel_key() const {
        return cancel_key_;
    }  // 4 to 256 bytes; empty: the server gave none
    std::uint16_t protocol_minor() const { return protocol_minor_; }
    /// Reported settings in order of arrival, each name once with its last value.
    const std::vector<std::pair<std::string, std::string>>& parameters() const { return reported_; }
    const std::string* parameter(std::string_view name) const;
    /// Columns of the first row the set-up returned; nullopt is NULL. Empty: it returned none.
    const std::vector<std::optional<std::string>>& setup_row() const { return setup_row_; }
    bool has_tls() const { return has_tls_; }

    const login_failure& failure() const { return failure_; }  // after `failed`

private:
    enum class state : std::uint8_t {
        created,
        ssl_answer,
        tls,
        authentication,
        sasl_first,
        sasl_final,
        sasl_done,
        password_sent,
        parameters,
        setup,
        done
    };

    void send_startup(std::string& out);
    step on_ssl_answer(Bytes input, std::string& out);
    // These return false when the login has failed.
    bool on_message(char type, Bytes body, std::string& out);
    bool on_authentication_message(char type, Bytes body, std::string& out);
    bool on_negotiate(Bytes body);
    bool on_authentication(Bytes body, std::string& out);
    bool on_authentication_ok(Bytes rest);
    bool send_cleartext(Bytes rest, std::string& out);
    bool send_md5(Bytes salt, std::string& out);
    bool begin_sasl(Bytes mechanisms, std::string& out);
    bool continue_sasl(std::string_view data, std::string& out);
    bool finish_sasl(std::string_view data);
    bool on_parameters_message(char type, Bytes body, std::string& out);
    bool on_setup_message(char type, Bytes body, std::string& out);
    bool on_parameter_status(Bytes body);
    bool on_backend_key(Bytes body);
    bool on_ready_for_query(Bytes body, std::string& out);
    bool on_data_row(Bytes body);
    bool on_error(Bytes body);
    bool fail(std::string_view sqlstate, std::string message);
    step fail_step(std::string_view sqlstate, std::string message);

    server_login_parameters parameters_;
    auth::tls_peer tls_;
    std::unique_ptr<auth::scram_client> scram_;
    std::string cancel_key_;
    std::vector<std::pair<std::string, std::string>> reported_;
    std::vector<std::optional<std::string>> setup_row_;
    login_failure failure_;
    std::size_t received_ = 0;
    std::uint32_t pid_ = 0;
    std::uint16_t protocol_minor_ = 0;
    state state_ = state::created;
    bool has_tls_ = false;
    bool negotiated_ = false;
    bool has_row_ = false;
    bool failed_ = false;
};

}  // namespace fairlead::proxy::postgres

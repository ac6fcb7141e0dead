#pragma once

#include "common/bytes.h"
#include "config/settings.h"
#include "proxy/auth/credential_store.h"
#include "proxy/auth/random_source.h"
#include "proxy/auth/tls_peer.h"
#include "proxy/session/login.h"
#include "proxy/wire/postgres/startup.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace fairlead::proxy::auth {
class scram_server;
enum class scram_outcome : std::uint8_t;
}  // namespace fairlead::proxy::auth

namespace fairlead::proxy::postgres {

/// `automatic`: SCRAM, or md5 where the stored secret is an md5 hash.
using proxy::auth_method;

/// What all logins on one listener share.
struct login_context {
    std::shared_ptr<const auth::credential_store> credentials;
    /// disable: SSLRequest is answered 'N' (give this for unix sockets). allow, prefer: on offer. require,
    /// verify_ca, verify_full: a StartupMessage in clear text is refused; verify_*: so is a client without
    /// verified certificate.
    config::TlsMode tls = config::TlsMode::disable;
    auth_method method = auth_method::automatic;
    auth::random_source random = &auth::system_random;
};

/// One client's way from its first byte to AuthenticationOk. Sans-I/O; one thread; thrown away after login.
/// Every length is checked; a client that sends anything out of order is answered with a FATAL error and
/// `close`.
class client_login {
public:
    using next = client_login_next;
    using step = client_login_step;
    struct cancel_target {
        std::uint32_t pid = 0;
        std::string key;  // 4 to 256 bytes
    };

    explicit client_login(login_context context);
    ~client_login();
    client_login(const client_login&) = delete;
    client_login& operator=(const client_login&) = delete;

    /// `input`: everything received and not yet consumed. Consumes whole messages from the front and appends
    /// replies. The caller may bound its buffer to max_buffered() bytes: a longer message is refused at its
    /// header.
    step on_bytes(Bytes input, std::string& out);

    /// After `start_tls`, or before any byte for direct TLS (whose ALPN the caller has checked).
    step on_tls_established(auth::tls_peer peer, std::string& out);

    static constexpr std::size_t max_buffered() { return 65'540; }

    // After StartupMessage; complete and trustworthy after `authenticated` only.
    const startup_parameters& parameters() const { return parameters_; }
    std::uint16_t protocol_minor() const { return protocol_minor_; }  // 0 or 2: what the session speaks
    const auth::tls_peer& tls() const { return tls_; }
    bool has_tls() const { return has_tls_; }

    // After `authenticated`.
    const config::User* user() const { return credential_.user; }   // lives as long as the credential store
    const std::string& label() const { return credential_.label; }  // "acme" of "app.acme"; empty: none
    bool by_certificate() const { return by_certificate_; }
    const auth::credential_store& credentials() const { return *context_.credentials; }

    const cancel_target& cancel_request() const { return cancel_; }  // after `cancel`

    /// After `close`, for log and metrics, never for the client: "unknown user", "wrong password", ...
    std::string_view failure_reason() const { return failure_reason_; }
    /// Empty when the client left of itself.
    std::string_view failure_sqlstate() const {
        return {failure_sqlstate_.data(), failure_sqlstate_[0] == 0 ? 0 : failure_sqlstate_.size()};
    }

private:
    enum class state : std::uint8_t { startup, tls, sasl_initial, sasl_response, md5, password, done };

    step on_startup(Bytes input, std::string& out);
    step on_encryption_request(const startup_packet& packet, Bytes input, std::string& out);
    step on_cancel(const startup_packet& packet);
    step on_startup_message(const startup_packet& packet, std::string& out);
    void negotiate(const startup_packet& packet, std::string& out);
    step begin_authentication(std::size_t consumed, std::string& out);
    void ask_sasl(std::string& out);
    step on_reply(Bytes input, std::string& out);
    step on_sasl_initial(Bytes body, std::size_t consumed, std::string& out);
    step on_sasl_response(Bytes body, std::size_t consumed, std::string& out);
    step on_password(Bytes body, std::size_t consumed, std::string& out);
    bool md5_matches(std::string_view response) const;
    bool offers_channel_binding() const { return has_tls_ && !tls_.end_point_hash.empty(); }
    step finish(std::size_t consumed, std::string& out);
    step refuse(std::string& out, std::string_view sqlstate, std::string_view message,
                std::string_view reason, std::string_view hint = {});
    step refuse_internal(std::string& out);
    step refuse_password(std::string& out);
    step refuse_scram(std::string& out, auth::scram_outcome outcome);
    step close_quietly();

    login_context context_;
    auth::tls_peer tls_;
    startup_parameters parameters_;
    auth::credential credential_;
    std::unique_ptr<auth::scram_server> scram_;
    cancel_target cancel_;
    std::string_view failure_reason_;  // always a literal
    std::array<char, 5> failure_sqlstate_{};
    std::array<std::uint8_t, 4> md5_salt_{};
    std::uint16_t protocol_minor_ = 0;
    state state_ = state::startup;
    bool has_tls_ = false;
    bool asked_ssl_ = false;
    bool asked_gssenc_ = false;
    bool by_certificate_ = false;
};

}  // namespace fairlead::proxy::postgres

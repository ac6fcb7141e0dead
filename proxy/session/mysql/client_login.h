#pragma once

#include "common/bytes.h"
#include "config/settings.h"
#include "proxy/auth/caching_sha2.h"
#include "proxy/auth/credential_store.h"
#include "proxy/auth/random_source.h"
#include "proxy/auth/rsa_key.h"
#include "proxy/auth/tls_peer.h"
#include "proxy/session/login.h"
#include "proxy/wire/mysql/compression.h"
#include "proxy/wire/mysql/err_packet.h"
#include "proxy/wire/mysql/handshake.h"
#include "proxy/wire/mysql/packet.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::proxy::mysql {

/// What all logins on one listener share. `automatic`: mysql_native_password or caching_sha2_password,
/// whichever client and stored secret can both do. `password`: mysql_clear_password.
struct client_login_context {
    std::shared_ptr<const auth::credential_store> credentials;
    /// disable: no TLS on offer (give this for unix sockets). prefer: on offer. require, verify_ca,
    /// verify_full: a login in clear text is refused; verify_*: so is a client without verified certificate.
    config::TlsMode tls = config::TlsMode::disable;
    bool local = false;  // a unix socket: nobody listens in, so clear text needs no TLS
    auth_method method = auth_method::automatic;
    policy::mysql::flavour flavour = policy::mysql::flavour::mariadb;
    std::string server_version;  // as the greeting says it
    std::uint8_t collation = 45;
    auth::lazy_rsa_key* rsa = nullptr;          // outlives the login; null: no full login without TLS
    auth::caching_sha2_cache* cache = nullptr;  // outlives the login; null: nothing is remembered
    auth::random_source random = &auth::system_random;
};

/// What a client asked for. Complete and trustworthy after `authenticated` only.
struct client_parameters {
    std::string user;  // as given, with its suffix
    std::optional<std::string> database;
    std::optional<std::string> tenant;  // connection attribute fairlead_tenant
    connection_attributes attributes;
    std::uint32_t max_packet = 0;  // 0: not said
    std::uint16_t collation = 0;
};

/// One client's way from our greeting to the point where the caller, who has routed it, says OK or ERR. Also
/// its way through COM_CHANGE_USER later. Sans-I/O; one thread; thrown away after login. Every length is
/// checked, and a packet is refused at its header; whoever sends anything out of order gets an ERR packet and
/// `close`. Never returns `cancel`.
class client_login {
public:
    using next = client_login_next;
    using step = client_login_step;

    /// What an established connection brings to COM_CHANGE_USER.
    struct established {
        capability_set capabilities = 0;
        std::uint16_t collation = 0;
        std::uint32_t max_packet = 0;
        /// Of the login before: scramble(). libmariadb answers a switch to mysql_native_password inside
        /// COM_CHANGE_USER with the scramble it had, whatever the switch says, since servers never make a new
        /// one there.
        std::string scramble;
        bool has_tls = false;
        auth::tls_peer tls;
    };

    client_login(client_login_context context, std::uint32_t connection_id);
    /// The input begins with the client's COM_CHANGE_USER. Always asks anew: what it brings is not looked at.
    client_login(client_login_context context, std::uint32_t connection_id, established connection);
    client_login(const client_login&) = delete;
    client_login& operator=(const client_login&) = delete;

    /// Call once, first: the greeting (nothing for COM_CHANGE_USER).
    step start(std::string& out);
    /// `input`: everything received and not yet consumed. Consumes whole packets from the front. The caller
    /// may bound its buffer to max_buffered() bytes.
    step on_bytes(Bytes input, std::string& out);
    step on_tls_established(auth::tls_peer peer, std::string& out);
    /// After `authenticated`, the caller's word: the OK that ends the login ...
    void finish(std::string& out);
    /// ... or the error in its place. Also before that, at any time: too many connections, shutdown.
    step refuse(std::string& out, error_number number, std::string_view message, std::string_view reason);

    /// How many bytes may be read behind `buffered`, the input so far that was not consumed; at least 1.
    /// Clients begin TLS right behind their SSLRequest and wait for no word of ours, so whoever reads more
    /// has taken bytes that belong to the TLS library; they are refused, never taken for clear text.
    std::size_t read_limit(Bytes buffered) const;

    static constexpr std::size_t max_payload = 70'000;  // attributes alone may have 64 KB
    static constexpr std::size_t max_buffered() { return max_payload + packet_header_size; }

    std::uint32_t connection_id() const { return connection_id_; }
    const auth::tls_peer& tls() const { return tls_; }
    bool has_tls() const { return has_tls_; }

    // After `authenticated`.
    const client_parameters& parameters() const { return parameters_; }
    const config::User* user() const { return credential_.user; }   // lives as long as the credential store
    const std::string& label() const { return credential_.label; }  // "acme" of "app.acme"; empty: none
    bool by_certificate() const { return by_certificate_; }
    const auth::credential_store& credentials() const { return *context_.credentials; }
    /// What both sides have.
    capability_set capabilities() const { return capabilities_; }
    /// The last one sent: for a COM_CHANGE_USER to come.
    const std::string& scramble() const { return scramble_; }
    /// Begins right behind the OK of finish(). Not for COM_CHANGE_USER, which changes nothing about it.
    compression_choice compression() const { return compression_; }

    /// After `close`, for log and metrics, never for the client.
    std::string_view failure_reason() const { return failure_reason_; }
    std::string_view failure_sqlstate() const { return failure_.sqlstate; }

private:
    enum class state : std::uint8_t {
        created,
        response,     // SSLRequest or HandshakeResponse
        change_user,  // COM_CHANGE_USER
        tls,
        switched,  // the answer to our AuthSwitchRequest
        full,      // caching_sha2_password: the password, or a wish for the key
        key_sent,  // the password under our key
        done
    };

    capability_set offered() const;
    bool make_scramble();
    bool secure() const { return has_tls_ || context_.local; }

    bool header_is_wrong(const packet_header& header, std::string& out);
    step on_packet(Bytes payload, bool last_of_input, std::string& out);
    step on_ssl_request(bool last_of_input, std::string& out);
    step on_response(Bytes payload, std::string& out);
    step on_change_user(Bytes payload, std::string& out);
    bool take_attributes(connection_attributes attributes);

    // client_login_methods.cpp
    step authenticate(std::string_view plugin, std::string_view response, std::string& out);
    std::string_view choose_method(std::string_view of_client) const;
    step switch_method(std::string_view plugin, std::string& out);
    step on_method_response(std::string_view response, std::string& out);
    step on_caching_sha2(std::string_view response, std::string& out);
    step on_full(std::string_view packet, std::string& out);
    step send_key(std::string& out);
    step on_encrypted(std::string_view packet, std::string& out);
    step on_clear_text(std::string_view packet, std::string& out);
    void remember(std::string_view password);
    step authenticated();

    step go_on() { return {next::read_more, 0}; }
    step refuse_password(std::string& out, bool empty = false);
    step refuse_internal(std::string& out);

    client_login_context context_;
    auth::tls_peer tls_;
    client_parameters parameters_;
    auth::credential credential_;
    auth::mysql_secrets secrets_;
    std::string scramble_;
    std::string_view method_;  // a literal of auth_plugin
    std::string_view failure_reason_;
    error_number failure_{0, {}};
    capability_set capabilities_ = 0;
    compression_choice compression_;
    std::uint32_t connection_id_;
    std::uint8_t sequence_ = 0;  // of the next packet, whoever sends it
    state state_ = state::created;
    bool changes_user_ = false;
    bool has_tls_ = false;
    bool by_certificate_ = false;
};

}  // namespace fairlead::proxy::mysql

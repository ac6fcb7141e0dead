#pragma once

#include "config/settings.h"
#include "proxy/auth/credential_store.h"
#include "proxy/auth/tls_peer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What the logins of both engines have in common: how they speak with their caller, and the decisions that
/// do not depend on the protocol.
namespace fairlead::proxy {

/// What the caller of a client's login has to do next.
enum class client_login_next : std::uint8_t {
    read_more,      // send `out`, give more bytes
    start_tls,      // send `out`, do the handshake, call on_tls_established
    authenticated,  // send `out`; the rest of the input is the session's
    cancel,         // PostgreSQL: cancel_request() says what; close without a word
    close           // send `out`, then close
};
struct client_login_step {
    client_login_next what;
    std::size_t consumed;  // bytes of the input that are done with
};

/// What the caller of our login to a server has to do next.
enum class server_login_next : std::uint8_t {
    read_more,  // send `out`, give more bytes
    start_tls,  // send `out`, do the handshake, call on_tls_established
    ready,      // idle, set up; the rest of the input belongs to the session
    failed      // close; failure() says why
};
struct server_login_step {
    server_login_next what;
    std::size_t consumed;
};

/// Why our login to a server failed.
struct login_failure {
    std::string sqlstate;  // the server's when from_server
    std::string message;
    bool from_server = false;
};
inline constexpr std::size_t max_failure_text = 1024;  // of a server's message that is kept

/// How clients prove who they are. `automatic`: what the stored secret can do. `password`: clear text, under
/// TLS only.
enum class auth_method : std::uint8_t { automatic, password };

/// Of a listener: a client in clear text is refused.
bool requires_tls(config::TlsMode mode);
/// Of a listener: so is one without verified certificate.
bool requires_certificate(config::TlsMode mode);
/// Of a backend: we ask for TLS.
bool asks_for_tls(config::TlsMode mode);
/// Of a backend: without it we do not go on. `prefer` asks and goes on.
bool insists_on_tls(config::TlsMode mode);

/// Does the client's certificate replace the password?
bool accepted_by_certificate(config::TlsMode mode, const auth::credential& who, const auth::tls_peer& peer);

/// For the log, never for the client, who hears the same of a stranger, a wrong password, and a secret that
/// cannot be checked. A literal.
std::string_view refusal_reason(const auth::credential& who);

}  // namespace fairlead::proxy

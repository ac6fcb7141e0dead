#pragma once

#include "common/result.h"
#include "config/settings.h"

#include <openssl/types.h>

#include <memory>
#include <string>

namespace fairlead::proxy::net {

struct ssl_deleter {
    void operator()(SSL* ssl) const;
    void operator()(SSL_CTX* context) const;
};

/// RFC 5929 tls-server-end-point hash of a certificate.
std::string end_point_hash(X509* certificate);

/// Certificates and rules for one listener or one backend. Immutable; thread-safe; shared by connections.
class tls_context {
public:
    /// For clients that connect to us. `ca` makes client certificates be asked for; verify-ca and verify-full
    /// demand them. Offers the ALPN protocol "postgresql" for direct TLS.
    static Result<std::shared_ptr<const tls_context>> for_listener(const config::Tls& settings);
    /// For our connections to a server.
    static Result<std::shared_ptr<const tls_context>> for_backend(const config::Tls& settings);

    SSL_CTX* native() const { return context_.get(); }
    bool verifies_peer() const { return verifies_peer_; }
    bool verifies_name() const { return verifies_name_; }
    const std::string& own_end_point_hash() const { return own_end_point_hash_; }

private:
    tls_context() = default;

    std::unique_ptr<SSL_CTX, ssl_deleter> context_;
    std::string own_end_point_hash_;
    bool verifies_peer_ = false;
    bool verifies_name_ = false;
};

}  // namespace fairlead::proxy::net

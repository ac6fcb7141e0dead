#pragma once

#include <string>
#include <vector>

namespace fairlead::proxy::auth {

/// What the TLS layer learned in a handshake, for either side of the proxy.
struct tls_peer {
    std::string server_name;              // SNI that the client sent; empty: none (only for clients)
    bool certificate_verified = false;    // the peer showed a certificate and it chained to our `ca`
    std::string certificate_common_name;  // CN of that certificate; meaningless unless verified
    std::vector<std::string>
        certificate_tenants{};  // that its subject names (OU=fairlead_tenant=ID), in order
    /// RFC 5929 tls-server-end-point: the hash of the certificate that the server side of this connection
    /// showed (raw bytes: its signature's hash, SHA-256 in place of MD5 and SHA-1). Empty: no channel binding
    /// on offer.
    std::string end_point_hash;
};

}  // namespace fairlead::proxy::auth

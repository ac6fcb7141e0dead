#include "dal/driver/mysql/peer_name.h"

#include <mysql.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

// The library has no function that gives out its SSL object, but headers that lead there; they expect these.
using uchar = unsigned char;
#define HAVE_TLS 1
#include <ma_pvio.h>

namespace fairlead::dal::mysql {

peer_verdict check_peer_name(st_mysql* connection, const std::string& name) {
    const MARIADB_PVIO* const transport = connection->net.pvio;
    if (transport == nullptr || transport->ctls == nullptr) return peer_verdict::not_yet;
    const auto* const tls = static_cast<const SSL*>(transport->ctls->ssl);
    if (tls == nullptr || SSL_is_init_finished(tls) == 0) return peer_verdict::not_yet;
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(tls), &X509_free);
    if (!certificate) return peer_verdict::wrong;
    const bool right = X509_check_host(certificate.get(), name.data(), name.size(), 0, nullptr) == 1 ||
                       X509_check_ip_asc(certificate.get(), name.c_str(), 0) == 1;
    return right ? peer_verdict::right : peer_verdict::wrong;
}

}  // namespace fairlead::dal::mysql

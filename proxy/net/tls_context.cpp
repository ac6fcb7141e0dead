#include "proxy/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstring>

namespace fairlead::proxy::net {
namespace {

constexpr unsigned char alpn_protocol[] = "\x0apostgresql";

Error tls_setup_error(const std::string& what) {
    unsigned long code = ERR_peek_last_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return Error{what + (reason != nullptr ? std::string(": ") + reason : std::string()), {}};
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                unsigned offered_length, void*) {
    unsigned char* selected = nullptr;
    int result = SSL_select_next_proto(&selected, out_length, alpn_protocol, sizeof alpn_protocol - 1,
                                       offered, offered_length);
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

Status load_own_certificate(SSL_CTX* context, const config::Tls& settings) {
    if (settings.cert.empty()) return {};
    if (SSL_CTX_use_certificate_chain_file(context, settings.cert.c_str()) != 1) {
        return tls_setup_error("cannot read certificate " + settings.cert);
    }
    if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return tls_setup_error("cannot read key " + settings.key);
    }
    if (SSL_CTX_check_private_key(context) != 1) return tls_setup_error("key does not match certificate");
    return {};
}

Status load_authority(SSL_CTX* context, const std::string& ca) {
    if (ca.empty()) return {};
    if (SSL_CTX_load_verify_locations(context, ca.c_str(), nullptr) != 1) {
        return tls_setup_error("cannot read ca " + ca);
    }
    return {};
}

std::unique_ptr<SSL_CTX, ssl_deleter> make_context(const SSL_METHOD* method) {
    std::unique_ptr<SSL_CTX, ssl_deleter> context(SSL_CTX_new(method));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // Partial writes and moving buffers suit our queues; released buffers keep idle connections small.
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context.get(),
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    return context;
}

}  // namespace

void ssl_deleter::operator()(SSL* ssl) const {
    SSL_free(ssl);
}
void ssl_deleter::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

std::string end_point_hash(X509* certificate) {
    int digest_nid = NID_undef;
    if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest_nid, nullptr) != 1) return {};
    if (digest_nid == NID_md5 || digest_nid == NID_sha1) digest_nid = NID_sha256;  // RFC 5929, section 4.1
    const EVP_MD* digest = EVP_get_digestbynid(digest_nid);
    if (digest == nullptr) return {};
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
    unsigned length = 0;
    if (X509_digest(certificate, digest, hash.data(), &length) != 1) return {};
    return {reinterpret_cast<const char*>(hash.data()), length};
}

Result<std::shared_ptr<const tls_context>> tls_context::for_listener(const config::Tls& settings) {
    auto made = std::shared_ptr<tls_context>(new tls_context());
    made->context_ = make_context(TLS_server_method());
    SSL_CTX* context = made->context_.get();
    SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    static constexpr unsigned char session_context[] = "fairlead";
    SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
    if (Status loaded = load_own_certificate(context, settings); !loaded) return loaded.error();
    if (Status loaded = load_authority(context, settings.ca); !loaded) return loaded.error();
    if (!settings.ca.empty()) {
        bool demanded =
            settings.mode == config::TlsMode::verify_ca || settings.mode == config::TlsMode::verify_full;
        SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(settings.ca.c_str()));
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (demanded ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                           nullptr);
        made->verifies_peer_ = true;
    }
    if (X509* own = SSL_CTX_get0_certificate(context)) made->own_end_point_hash_ = end_point_hash(own);
    return std::shared_ptr<const tls_context>(std::move(made));
}

Result<std::shared_ptr<const tls_context>> tls_context::for_backend(const config::Tls& settings) {
    auto made = std::shared_ptr<tls_context>(new tls_context());
    made->context_ = make_context(TLS_client_method());
    SSL_CTX* context = made->context_.get();
    if (Status loaded = load_own_certificate(context, settings); !loaded) return loaded.error();
    if (Status loaded = load_authority(context, settings.ca); !loaded) return loaded.error();
    made->verifies_name_ = settings.mode == config::TlsMode::verify_full;
    made->verifies_peer_ = made->verifies_name_ || settings.mode == config::TlsMode::verify_ca;
    SSL_CTX_set_verify(context, made->verifies_peer_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    return std::shared_ptr<const tls_context>(std::move(made));
}

}  // namespace fairlead::proxy::net

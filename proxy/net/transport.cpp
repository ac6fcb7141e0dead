#include "proxy/net/transport.h"

#include "proxy/net/certificate_names.h"
#include "proxy/net/system_calls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>

namespace fairlead::proxy::net {
namespace {

io_result socket_result(ssize_t result) {
    if (result >= 0) return {io_status::ok, static_cast<std::size_t>(result)};
    bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {later ? io_status::would_block : io_status::failed};
}

}  // namespace

io_result transport::read(std::span<std::uint8_t> into) {
    wants_write_ = false;
    if (ssl_ != nullptr) {
        ERR_clear_error();
        return tls_result(SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size())));
    }
    ssize_t result = receive(socket_.get(), into);
    if (result == 0) return {io_status::closed};
    return socket_result(result);
}

io_result transport::write(std::span<const iovec> parts) {
    if (ssl_ == nullptr) {
        // One part is the usual case, and send() costs less than sendmsg().
        if (parts.size() == 1) {
            return socket_result(send(socket_.get(), parts[0]));
        }
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts.data());
        message.msg_iovlen = parts.size();
        return socket_result(send(socket_.get(), message));
    }
    std::size_t total = 0;
    for (const iovec& part : parts) {
        if (part.iov_len == 0) continue;
        ERR_clear_error();
        io_result result = tls_result(SSL_write(ssl_.get(), part.iov_base, static_cast<int>(part.iov_len)));
        if (result.status != io_status::ok) return total > 0 ? io_result{io_status::ok, total} : result;
        total += result.bytes;
        if (result.bytes < part.iov_len) break;
    }
    return {io_status::ok, total};
}

bool transport::start_tls(const tls_context& context, const std::string* server_name) {
    ssl_.reset(SSL_new(context.native()));
    if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), socket_.get()) != 1) return false;
    if (server_name == nullptr) {
        SSL_set_accept_state(ssl_.get());
        return true;
    }
    SSL_set_connect_state(ssl_.get());
    bool is_address = server_name->empty() ||
                      server_name->find_first_not_of("0123456789.") == std::string::npos ||
                      server_name->find(':') != std::string::npos;
    if (!is_address) SSL_set_tlsext_host_name(ssl_.get(), server_name->c_str());
    if (!context.verifies_name()) return true;
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
    return is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, server_name->c_str()) == 1
                      : SSL_set1_host(ssl_.get(), server_name->c_str()) == 1;
}

io_result transport::handshake() {
    ERR_clear_error();
    wants_write_ = false;
    return tls_result(SSL_do_handshake(ssl_.get()));
}

io_result transport::tls_result(int result) {
    if (result > 0) return {io_status::ok, static_cast<std::size_t>(result)};
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return {io_status::would_block};
        case SSL_ERROR_WANT_WRITE:
            wants_write_ = true;
            return {io_status::would_block};
        case SSL_ERROR_ZERO_RETURN:
            return {io_status::closed};
        default:
            return {io_status::failed};
    }
}

auth::tls_peer transport::peer(const tls_context& context) const {
    auth::tls_peer peer;
    if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) peer.server_name = name;
    std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()),
                                                            &X509_free);
    bool verified =
        certificate != nullptr && context.verifies_peer() && SSL_get_verify_result(ssl_.get()) == X509_V_OK;
    if (verified) {
        peer.certificate_verified = true;
        peer.certificate_common_name = common_name(certificate.get());
        peer.certificate_tenants = tenants_named(certificate.get());
    }
    if (SSL_is_server(ssl_.get()) == 1) {
        peer.end_point_hash = context.own_end_point_hash();
    } else if (certificate != nullptr) {
        peer.end_point_hash = end_point_hash(certificate.get());
    }
    return peer;
}

bool transport::negotiated_alpn() const {
    const unsigned char* protocol = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &length);
    return length > 0;
}

std::string transport::tls_error() const {
    if (ssl_ != nullptr && SSL_get_verify_result(ssl_.get()) != X509_V_OK) {
        return std::string("certificate verify failed: ") +
               X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()));
    }
    unsigned long code = ERR_peek_last_error();
    if (code == 0) return "connection closed during the TLS handshake";
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "TLS error";
}

void transport::close() {
    // One quiet attempt at close_notify; waiting for the peer's would hold the descriptor.
    if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
    ssl_.reset();
    socket_.reset();
}

}  // namespace fairlead::proxy::net

#pragma once

#include "proxy/auth/tls_peer.h"
#include "proxy/net/socket.h"
#include "proxy/net/tls_context.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>

namespace fairlead::proxy::net {

enum class io_status : std::uint8_t {
    ok,
    would_block,  // wait until readable (or writable, see wants_write)
    closed,       // the peer closed in order
    failed,       // reset, TLS error, ...
};

struct io_result {
    io_status status;
    std::size_t bytes = 0;
};

/// A non-blocking stream, with or without TLS. OpenSSL drives the descriptor itself (no staging buffers: an
/// idle TLS connection costs one SSL object). One thread.
class transport {
public:
    explicit transport(descriptor socket) : socket_(std::move(socket)) {}

    int fd() const { return socket_.get(); }
    bool is_open() const { return socket_.open(); }
    bool has_tls() const { return ssl_ != nullptr; }

    io_result read(std::span<std::uint8_t> into);
    /// Gathers; may take only a part.
    io_result write(std::span<const iovec> parts);

    /// Begins TLS on the open connection. `server_name`: as the side that connects, the name to ask for and,
    /// when the context verifies names, to expect; null: we are the side that accepts.
    bool start_tls(const tls_context& context, const std::string* server_name);
    /// Call until it is not would_block.
    io_result handshake();
    /// After a handshake.
    auth::tls_peer peer(const tls_context& context) const;
    bool negotiated_alpn() const;
    /// TLS needs the other direction first: wait for writability even to read.
    bool wants_write() const { return wants_write_; }
    std::string tls_error() const;

    void close();

private:
    io_result tls_result(int result);

    descriptor socket_;
    std::unique_ptr<SSL, ssl_deleter> ssl_;
    bool wants_write_ = false;
};

}  // namespace fairlead::proxy::net

#pragma once

#include "common/result.h"
#include "proxy/admin/admin_route.h"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace fairlead::proxy::admin {

struct admin_limits {
    std::size_t max_connections = 64;  // more wait in the kernel's queue until one ends
    std::size_t max_request_bytes = 8'192;
    std::chrono::milliseconds read_timeout{5'000};    // for the whole request
    std::chrono::milliseconds write_timeout{10'000};  // for the whole response
};

/// HTTP for operators and scrapers: GET only, one request a connection, so that every connection's life is
/// bounded. No authentication: bind it where only operators reach it.
///
/// Runs on one thread: the one that runs `io`, which must outlive the server. After stop() or destruction
/// nothing of the caller's is touched once `io` has run what was posted; routes live until then.
class admin_server {
public:
    admin_server(boost::asio::io_context& io, admin_routes routes, admin_limits limits = {});
    ~admin_server();
    admin_server(const admin_server&) = delete;
    admin_server& operator=(const admin_server&) = delete;

    /// Opens "host:port", "[::1]:port" or "localhost:port"; port 0 takes a free one. Returns the port. Call
    /// once, before `io` runs or from its thread. Errors: address not understood, not resolved, in use.
    Result<std::uint16_t> listen(std::string_view address);

    /// Closes the listener and all connections. From any thread; takes effect when `io` gets to it.
    void stop();

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace fairlead::proxy::admin

#pragma once

#include "common/result.h"
#include "proxy/net/socket.h"
#include "proxy/worker/listener_info.h"
#include "proxy/worker/shared_state.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// Accepts on one address and hands each connection to the worker with the fewest. Lives on the control
/// thread.
class listener {
public:
    struct limits {
        std::uint32_t max_client_connections = 20'000;
        std::uint32_t max_startup_connections = 5'000;
    };

    listener(boost::asio::io_context& io, shared_state& shared, std::shared_ptr<const listener_info> info,
             limits bounds);
    ~listener();

    /// "127.0.0.1:6432", "[::1]:6432", "*:6432" or "unix:/path". A stale unix socket is replaced.
    Status open(const std::string& address);
    void close();
    const std::string& address() const { return address_; }

private:
    void wait();
    void accept_ready();
    void turn_away(net::descriptor socket, std::string_view message, std::string_view hint);

    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer pause_;
    shared_state& shared_;
    std::shared_ptr<const listener_info> info_;
    limits limits_;
    std::string address_;
    std::string unix_path_;
};

}  // namespace fairlead::proxy::worker

#pragma once

#include "proxy/net/connection.h"
#include "proxy/worker/backend_runtime.h"

#include <cstdint>
#include <memory>

namespace fairlead::proxy::worker {

class link_broker;
class server_connection;

/// A request to stop what a server connection is doing, over a connection of its own. Finished when the
/// server has taken it: until then the connection that it is about must not reach another client.
class cancel_connection : public net::connection {
public:
    cancel_connection(link_broker& home, net::transport stream, const server_connection& about);
    virtual ~cancel_connection() = default;

    std::uint64_t target() const { return target_; }
    bool finished() const { return finished_; }
    /// Given up, because the server does not answer.
    void abandon() { finish(); }
    dal::TimePoint deadline{};

protected:
    void finish();

    link_broker& home_;

private:
    std::uint64_t target_;
    bool finished_ = false;
};

}  // namespace fairlead::proxy::worker

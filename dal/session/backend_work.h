#pragma once

#include "config/settings.h"
#include "dal/driver/server_session.h"
#include "dal/pool/backend_pool.h"

#include <memory>
#include <string>
#include <vector>

namespace fairlead::dal {

class lease_waiter;

/// Where a connection leads. The one that cancels its statement must lead to the very same server: there, and
/// only there, the number in the cancel names this session and not somebody else's.
struct connection_origin {
    std::shared_ptr<const config::Backend> backend;
    std::string database;
    std::string address;
};

/// What a backend's pool, and the callers that return connections, leave for the keeper to do. Connections
/// are closed before any is opened, or more would be open than the pool allows.
struct backend_work {
    struct login {
        ConnectionId connection;
        std::string database;
    };
    /// A connection that came back with something outstanding, open or left behind.
    struct recovery {
        ConnectionId connection;
        ServerSession* session;
        connection_origin origin;
        bool dirty;
        bool interrupted;
    };
    /// A connection that was idle for long, before `waiter` gets it.
    struct check {
        ConnectionId connection;
        ServerSession* session;
        std::shared_ptr<lease_waiter> waiter;
    };
    std::vector<std::unique_ptr<ServerSession>> closes;
    std::vector<login> logins;
    std::vector<recovery> recoveries;
    std::vector<check> checks;

    bool empty() const { return closes.empty() && logins.empty() && recoveries.empty() && checks.empty(); }
};

}  // namespace fairlead::dal

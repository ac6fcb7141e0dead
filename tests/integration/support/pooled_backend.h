#pragma once

#include "dal/session/backend_set.h"
#include "dal/session/lease.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace fairlead::test {

/// Waits for what has to come true, up to 15 s.
bool eventually(const std::function<bool()>& holds);

/// The embedded library's runtime on a real server, with one tenant's seat.
class PooledBackend {
public:
    /// pool_size 2, and time-outs of a second.
    PooledBackend(config::Engine engine, const dal::ConnectOptions& options,
                  const std::function<void(config::Backend&)>& change = {});

    dal::LeaseRequest::State ask(dal::LeaseRequest& request) const;
    /// Fails the test when there is none.
    dal::Lease lend() const;
    /// The reason why none is lent; fails the test when one is.
    Diagnostics refusal() const;
    PoolState state() const { return set_.states().at(0); }
    bool quiet() const;

private:
    dal::backend_set set_;
    std::unique_ptr<dal::PoolSeat> seat_;
};

/// The first value of the first row of a statement on a lent connection.
std::string ask(const dal::Lease& lease, std::string_view sql);
/// Begins a statement and gives the connection back in its midst.
void abandon(dal::Lease lease, std::string_view sql);

}  // namespace fairlead::test

#pragma once

#include "dal/driver/resolver.h"
#include "dal/driver/server_session.h"
#include "dal/pool/backend_pool.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace fairlead::dal {

/// Makes connections that are not logged in yet; make_server_session(), or a test's.
using session_factory =
    std::function<std::unique_ptr<ServerSession>(config::Engine engine, std::uint32_t max_prepared)>;

/// What jobs of one keeper share. The keeper's thread only.
struct keeper_tools {
    session_factory make_session;
    resolver& names;
    std::string application_name;
};

/// Something that the keeper does on one connection, as a machine. The keeper's thread only.
class keeper_job {
public:
    keeper_job() = default;
    keeper_job(const keeper_job&) = delete;
    keeper_job& operator=(const keeper_job&) = delete;
    virtual ~keeper_job() = default;

    /// What to wait for. Without a descriptor: for something of the keeper's, which looks again every tick.
    struct wish {
        int descriptor = -1;
        Wait wait = Wait::nothing;
        TimePoint deadline = TimePoint::max();
    };
    virtual wish wants() const = 0;
    /// Begins, or goes on: `ready` is what came, `nothing` that the deadline passed or that it is time to
    /// look again. False: it is finished, its outcome told.
    virtual bool advance(Wait ready, TimePoint now) = 0;
    /// The keeper stops: whoever waits for the outcome must not wait for ever.
    virtual void abandon() {}
};

}  // namespace fairlead::dal

#pragma once

#include "config/snapshot.h"
#include "dal/session/backend_runtime.h"
#include "dal/session/keeper.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// The backends of one data source, and the keeper that looks after them. Thread-safe.
class backend_set {
public:
    /// `application_name`: what servers show as the client program.
    backend_set(session_factory make_session, std::string application_name);
    /// Closes; see close().
    ~backend_set();
    backend_set(const backend_set&) = delete;
    backend_set& operator=(const backend_set&) = delete;

    /// Takes over a configuration: new backends begin, limits change, connections to what changed are
    /// replaced when they come back, backends that are gone keep nothing idle. Null is no configuration.
    void apply(const config::SnapshotPtr& snapshot);
    /// null: not configured.
    std::shared_ptr<BackendRuntime> find(std::string_view name) const;
    using by_name = std::map<std::string, std::shared_ptr<BackendRuntime>, std::less<>>;
    /// All that are configured.
    by_name backends() const;
    /// By name.
    std::vector<PoolState> states() const;

    /// Nothing is lent from now on, who waits fails with errc::usage, and all connections are closed but
    /// those lent, which are when they come back. Takes milliseconds, and a second at most (a name look-up
    /// that hangs). Idempotent.
    void close();

private:
    void renew(const config::Snapshot& snapshot, const config::Backend& backend, bool reconnect);

    const std::shared_ptr<wake_signal> bell_;
    std::unique_ptr<keeper> keeper_;

    mutable std::mutex mutex_;
    config::SnapshotPtr snapshot_;
    by_name backends_;
    /// Retired; callers may still know them.
    std::vector<std::weak_ptr<BackendRuntime>> retired_;
};

}  // namespace fairlead::dal

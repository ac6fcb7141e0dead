#pragma once

#include "config/snapshot.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::config {

/// What a reload changed, in the terms a running engine acts on.
enum class TenantChange {
    none,
    added,
    removed,
    limits,     // weight and caps only: new limits for its queue, its connections stay
    placement,  // it lives elsewhere now: its links end with their transaction
};

enum class UserChange {
    none,
    added,
    removed,
    changed,  // password, certificate or tenants: clients logged in with the old one may no longer be welcome
};

/// Names, in the order of the newer settings (removed: of the older).
struct BackendChanges {
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string>
        reconnect;  // address, credentials, TLS or server floor: open connections are obsolete
    std::vector<std::string> limits;  // sizes and times only: connections stay
};

struct PlacementChanges {
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<std::string>
        changed;  // any setting of its own; that its backend changed shows among the backends
};

struct EntryCounts {
    std::size_t added = 0;
    std::size_t removed = 0;
    std::size_t changed = 0;
};

/// The difference between two snapshots; keeps both alive. Immutable and thread-safe after construction,
/// which walks the settings only, not the tenants.
class SnapshotDiff {
public:
    /// Neither may be null.
    SnapshotDiff(SnapshotPtr before, SnapshotPtr after);

    const BackendChanges& backends() const { return backends_; }
    const PlacementChanges& placements() const { return placements_; }

    /// Settings that take effect only after a restart, one line each ("listen.postgres.address changed:
    /// ..."), to be logged as warnings. Values are not shown.
    const std::vector<std::string>& needs_restart() const { return needs_restart_; }

    /// One tenant or user, in O(1).
    TenantChange tenant(std::string_view id) const;
    UserChange user(std::string_view name) const;

    /// Walk all tenants or users of both snapshots: for the log line after a reload, not for the query path.
    EntryCounts count_tenants() const;
    EntryCounts count_users() const;

private:
    SnapshotPtr before_;
    SnapshotPtr after_;
    BackendChanges backends_;
    PlacementChanges placements_;
    std::vector<std::string> needs_restart_;
};

}  // namespace fairlead::config

#pragma once

#include "config/snapshot.h"
#include "dal/estate/finding.h"
#include "dal/estate/served_placement.h"

#include <string>
#include <vector>

namespace fairlead::dal {

/// What asking a placement's database came to.
struct verified_placement {
    served_placement served;   // the engine's part, and the operator's refusal
    bool unreachable = false;  // the refusal is only that it could not be asked
};

/// Asks databases of one engine whether a placement would hold (invariant I7), and makes what sessions need
/// to serve it. Blocking; one thread at a time.
class placement_verifier {
public:
    placement_verifier() = default;
    placement_verifier(const placement_verifier&) = delete;
    placement_verifier& operator=(const placement_verifier&) = delete;
    virtual ~placement_verifier() = default;

    /// False: the placement can be served without asking anything, and verify() is not needed again.
    virtual bool needs_database(const config::Placement& placement) const = 0;
    /// `serving`: it is served now under the same settings.
    virtual verified_placement verify(const config::Snapshot& snapshot, const config::Placement& placement,
                                      bool serving) = 0;
    /// Forgets what verify() kept for the placements that come next: connections, servers that are silent.
    virtual void end_run() {}
};

/// It could not be asked: refused for the time being.
verified_placement could_not_verify(const config::Placement& placement, const std::string& why);

/// What of `findings` stands against serving, for the operator; empty: nothing. `guard_covers`: the guard
/// refuses statements on what the finding is about, one by one; while serving, a migration's moment must not
/// take everybody down.
std::string refusal_of(const config::Placement& placement, const std::vector<Finding>& findings, bool serving,
                       bool (*guard_covers)(const Finding&));

}  // namespace fairlead::dal

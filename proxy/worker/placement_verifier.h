#pragma once

#include "config/snapshot.h"
#include "dal/estate/finding.h"
#include "proxy/worker/worker.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// What asking a placement's database came to.
struct verified_placement {
    std::string refusal;       // for the operator: names tables and roles; empty: it may be served
    bool unreachable = false;  // the refusal is only that it could not be asked
    /// Whether it would be served exactly as `known` is.
    bool unchanged = false;
    worker_config::placement served;  // the engine's part: scope, key
};

/// Asks databases of one engine whether a placement would hold (invariant I7), and makes what sessions need
/// to serve it. Blocking; one thread at a time.
class placement_verifier {
public:
    virtual ~placement_verifier() = default;

    /// Whether the placement can be served without asking anything; then verify() is not needed again.
    virtual bool needs_database(const config::Snapshot& snapshot,
                                const config::Placement& placement) const = 0;
    /// `known`: as it is served now under the same settings, or null.
    virtual verified_placement verify(const config::Snapshot& snapshot, const config::Placement& placement,
                                      const worker_config::placement* known) = 0;
};

/// Adds to `refusal` what of `findings` stands against serving. `guard_covers`: the guard refuses statements
/// on what the finding is about, one by one; while serving, a migration's moment must not take everybody
/// down.
void add_refusal(std::string& refusal, const config::Placement& placement,
                 const std::vector<dal::Finding>& findings, bool serving,
                 bool (*guard_covers)(const dal::Finding&));

}  // namespace fairlead::proxy::worker

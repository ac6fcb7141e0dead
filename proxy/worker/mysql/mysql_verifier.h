#pragma once

#include "proxy/worker/placement_verifier.h"

namespace fairlead::proxy::worker {

class mysql_verifier final : public placement_verifier {
public:
    /// Every placement: how the server reads texts must be known, and may change.
    bool needs_database(const config::Snapshot&, const config::Placement&) const override { return true; }
    verified_placement verify(const config::Snapshot& snapshot, const config::Placement& placement,
                              const worker_config::placement* known) override;
};

}  // namespace fairlead::proxy::worker

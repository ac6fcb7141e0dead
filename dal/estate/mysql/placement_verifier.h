#pragma once

#include "dal/driver/mysql/connection.h"
#include "dal/estate/placement_verifier.h"

#include <map>
#include <string>

namespace fairlead::dal::mysql {

class placement_verifier final : public dal::placement_verifier {
public:
    /// Every placement: how the server reads texts must be known, and may change.
    bool needs_database(const config::Placement&) const override { return true; }
    verified_placement verify(const config::Snapshot& snapshot, const config::Placement& placement,
                              bool serving) override;
    void end_run() override { connections_.clear(); }

private:
    SqlResult<Connection>& connection_to(const config::Backend& backend);

    /// By backend, for one run: its placements are asked over one connection, and a server that could not be
    /// reached is not waited for again.
    std::map<std::string, SqlResult<Connection>> connections_;
};

}  // namespace fairlead::dal::mysql

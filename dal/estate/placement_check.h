#pragma once

#include "common/log.h"
#include "config/snapshot.h"
#include "dal/estate/placement_verifier.h"
#include "dal/estate/served_placement.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::dal {

/// Decides which placements may be served, by asking their databases (invariant I7), and remembers it. Run it
/// before anything is served, after a reload, and every `catalogue_refresh`. Blocking, up to seconds for each
/// backend that hangs, so never on the query path; one thread at a time.
class placement_check {
public:
    /// `config_file`: named in the commands that refusals recommend. `log` must outlive this; it hears of
    /// placements that come into service or are refused, once.
    placement_check(Logger& log, const std::string& config_file);
    ~placement_check();

    /// All placements of the snapshot, in its order. A placement whose database cannot be reached is refused
    /// until it can; one that was served under the same snapshot keeps being served with what was known.
    std::vector<served_placement> run(const config::Snapshot& snapshot);

private:
    struct known_placement {
        served_placement result;
        std::uint64_t settings_generation = 0;
    };

    served_placement judge(const config::Snapshot& snapshot, const config::Placement& placement);
    void tell(const served_placement& now, const served_placement& before);

    Logger& log_;
    std::map<config::Engine, std::unique_ptr<placement_verifier>> verifiers_;
    std::map<std::string, known_placement> known_;
};

}  // namespace fairlead::dal

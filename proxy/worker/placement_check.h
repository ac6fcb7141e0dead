#pragma once

#include "common/log.h"
#include "config/snapshot.h"
#include "proxy/worker/placement_verifier.h"
#include "proxy/worker/worker.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::proxy::worker {

/// Decides which placements may be served, by asking their databases (invariant I7), and remembers it.
/// Blocking; one thread at a time.
class placement_check {
public:
    placement_check(Logger& log, const std::string& config_file);
    ~placement_check();

    /// All placements of the snapshot. A placement whose database cannot be reached is refused until it can;
    /// one that was served keeps being served with what was known.
    std::vector<worker_config::placement> run(const config::Snapshot& snapshot);

private:
    struct known_placement {
        worker_config::placement result;
        std::uint64_t settings_generation = 0;
    };

    worker_config::placement judge(const config::Snapshot& snapshot, const config::Placement& placement);

    Logger& log_;
    std::map<config::Engine, std::unique_ptr<placement_verifier>> verifiers_;
    std::map<std::string, known_placement> known_;
};

}  // namespace fairlead::proxy::worker

#pragma once

#include "common/log.h"
#include "config/snapshot.h"
#include "proxy/worker/worker.h"

#include <map>
#include <string>

namespace fairlead::proxy::worker {

/// Decides which placements may be served, by asking their databases (invariant I7), and makes what sessions
/// need to serve them. Blocking; one thread at a time.
class placement_check {
public:
    placement_check(Logger& log, std::string config_file) : log_(log), config_file_(std::move(config_file)) {}

    /// All PostgreSQL placements of the snapshot. A placement whose database cannot be reached is refused
    /// until it can; one that was served keeps being served with what was known.
    std::vector<worker_config::placement> run(const config::Snapshot& snapshot);

private:
    struct known_placement {
        worker_config::placement result;
        std::uint64_t settings_generation = 0;
    };
    struct outcome {
        policy::CataloguePtr catalogue;
        std::string refusal;
        bool unreachable = false;
        std::shared_ptr<const policy::postgres::ContextKey> key;
    };

    outcome verify(const config::Backend& backend, const config::Placement& placement,
                   const std::string& database, const std::vector<std::string>& bridge_schemas, bool serving);
    worker_config::placement judge(const config::Snapshot& snapshot, const config::Placement& placement);

    Logger& log_;
    std::string config_file_;
    std::map<std::string, known_placement> known_;
    std::map<std::string, std::vector<policy::postgres::ContextKey>> keys_;  // derivation is slow on purpose
};

}  // namespace fairlead::proxy::worker

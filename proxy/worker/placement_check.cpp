#include "proxy/worker/placement_check.h"

#include "proxy/worker/mysql/mysql_verifier.h"
#include "proxy/worker/postgres/postgres_verifier.h"

namespace fairlead::proxy::worker {

placement_check::placement_check(Logger& log, const std::string& config_file) : log_(log) {
    verifiers_[config::Engine::postgres] = std::make_unique<postgres_verifier>(config_file);
    verifiers_[config::Engine::mysql] = std::make_unique<mysql_verifier>();
}

placement_check::~placement_check() = default;

std::vector<worker_config::placement> placement_check::run(const config::Snapshot& snapshot) {
    std::vector<worker_config::placement> results;
    for (const config::Placement& placement : snapshot.settings().placements) {
        if (snapshot.backend(placement.backend) != nullptr) results.push_back(judge(snapshot, placement));
    }
    std::erase_if(known_, [&](const auto& entry) { return snapshot.placement(entry.first) == nullptr; });
    return results;
}

worker_config::placement placement_check::judge(const config::Snapshot& snapshot,
                                                const config::Placement& placement) {
    placement_verifier& verifier = *verifiers_.at(snapshot.backend(placement.backend)->engine);
    known_placement& known = known_[placement.name];
    bool was_served = known.result.served();
    bool serving = was_served && known.settings_generation == snapshot.generation();
    if (serving && !verifier.needs_database(snapshot, placement)) return known.result;

    verified_placement verified = verifier.verify(snapshot, placement, serving ? &known.result : nullptr);
    if (serving && (verified.unreachable || (verified.unchanged && verified.refusal.empty())))
        return known.result;
    worker_config::placement result = std::move(verified.served);
    result.name = placement.name;
    result.backend = placement.backend;
    result.refusal = std::move(verified.refusal);
    // Why is the operator's business: reasons name tables, roles and addresses.
    result.client_refusal = verified.unreachable ? "cannot connect to backend \"" + placement.backend + "\""
                                                 : "placement \"" + placement.name + "\" is not being served";
    if (!result.refusal.empty() && result.refusal != known.result.refusal) {
        log_.error("placement refused", {{"placement", placement.name}, {"why", result.refusal}});
    } else if (result.served() && !was_served) {
        log_.info("placement served", {{"placement", placement.name}, {"backend", placement.backend}});
    }
    known = {result, snapshot.generation()};
    return result;
}

}  // namespace fairlead::proxy::worker

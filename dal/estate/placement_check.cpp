#include "dal/estate/placement_check.h"

#include "dal/estate/mysql/placement_verifier.h"
#include "dal/estate/postgres/placement_verifier.h"

#include <utility>

namespace fairlead::dal {

placement_check::placement_check(Logger& log, const std::string& config_file) : log_(log) {
    verifiers_[config::Engine::postgres] = std::make_unique<postgres::placement_verifier>(config_file);
    verifiers_[config::Engine::mysql] = std::make_unique<mysql::placement_verifier>();
}

placement_check::~placement_check() = default;

std::vector<served_placement> placement_check::run(const config::Snapshot& snapshot) {
    std::vector<served_placement> results;
    for (const config::Placement& placement : snapshot.settings().placements) {
        if (snapshot.backend(placement.backend) != nullptr) results.push_back(judge(snapshot, placement));
    }
    for (const auto& [engine, verifier] : verifiers_) verifier->end_run();
    std::erase_if(known_, [&](const auto& entry) { return snapshot.placement(entry.first) == nullptr; });
    return results;
}

served_placement placement_check::judge(const config::Snapshot& snapshot,
                                        const config::Placement& placement) {
    placement_verifier& verifier = *verifiers_.at(snapshot.backend(placement.backend)->engine);
    known_placement& known = known_[placement.name];
    bool serving = known.result.served() && known.settings_generation == snapshot.generation();
    if (serving && !verifier.needs_database(placement)) return known.result;

    verified_placement verified = verifier.verify(snapshot, placement, serving);
    if (serving && verified.unreachable) return known.result;
    served_placement& result = verified.served;
    result.name = placement.name;
    result.backend = placement.backend;
    // Why is the operator's business: reasons name tables, roles and addresses.
    result.client_refusal = verified.unreachable ? "cannot connect to backend \"" + placement.backend + "\""
                                                 : "placement \"" + placement.name + "\" is not being served";
    keep_unchanged(result, known.result);
    tell(result, known.result);
    known = {result, snapshot.generation()};
    return result;
}

void placement_check::tell(const served_placement& now, const served_placement& before) {
    if (!now.refusal.empty() && now.refusal != before.refusal) {
        log_.error("placement refused", {{"placement", now.name}, {"why", now.refusal}});
    } else if (now.served() && !before.served()) {
        log_.info("placement served", {{"placement", now.name}, {"backend", now.backend}});
    }
}

}  // namespace fairlead::dal

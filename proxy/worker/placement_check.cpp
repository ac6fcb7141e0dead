#include "proxy/worker/placement_check.h"

#include "dal/estate/postgres/verify_placement.h"
#include "proxy/worker/placement_scope_maker.h"

#include <algorithm>

namespace fairlead::proxy::worker {
namespace {

// A table that lost or lacks its policy is refused by the guard, statement by statement; while serving, a
// migration's moment between CREATE TABLE and its policy must not take everybody down. Nothing covers our own
// tables: without our signing key in the database every tenant would find its tables empty.
bool guard_covers(const dal::postgres::Finding& finding) {
    return finding.object.starts_with("table ") && !finding.object.starts_with("table fairlead.");
}

}  // namespace

std::vector<worker_config::placement> placement_check::run(const config::Snapshot& snapshot) {
    std::vector<worker_config::placement> results;
    for (const config::Placement& placement : snapshot.settings().placements) {
        const config::Backend* backend = snapshot.backend(placement.backend);
        if (backend == nullptr || backend->engine != config::Engine::postgres) continue;
        results.push_back(judge(snapshot, placement));
    }
    std::erase_if(known_, [&](const auto& entry) { return snapshot.placement(entry.first) == nullptr; });
    return results;
}

worker_config::placement placement_check::judge(const config::Snapshot& snapshot,
                                                const config::Placement& placement) {
    const config::Backend& backend = *snapshot.backend(placement.backend);
    known_placement& known = known_[placement.name];
    bool same_settings = known.settings_generation == snapshot.generation();
    bool serving = known.result.scope != nullptr;
    if (same_settings && serving && placement.model != config::Model::pool) return known.result;

    worker_config::placement result;
    result.name = placement.name;
    result.backend = placement.backend;
    std::string database = config::sample_database(snapshot, placement);
    if (placement.model == config::Model::silo || database.empty()) {
        result.scope = make_placement_scope(placement, nullptr);
    } else {
        outcome verified =
            verify(backend, placement, database,
                   config::bridge_schemas(snapshot.settings(), backend.name, placement.database),
                   serving && same_settings);
        result.key = verified.key;
        result.refusal = verified.refusal;
        // Why it would not hold is the operator's business; that a server cannot be reached is everybody's.
        result.client_refusal = verified.unreachable
                                    ? verified.refusal
                                    : "placement \"" + placement.name + "\" is not being served";
        if (verified.unreachable && serving && same_settings) return known.result;
        bool same_catalogue = same_settings && serving && verified.catalogue != nullptr &&
                              known.result.scope->guard.catalogue != nullptr &&
                              known.result.scope->guard.catalogue->epoch() == verified.catalogue->epoch();
        if (same_catalogue && result.refusal.empty()) return known.result;
        if (result.refusal.empty()) result.scope = make_placement_scope(placement, verified.catalogue);
    }
    if (!result.refusal.empty() && result.refusal != known.result.refusal) {
        log_.error("placement refused", {{"placement", placement.name}, {"why", result.refusal}});
    } else if (result.scope != nullptr && !serving) {
        log_.info("placement served", {{"placement", placement.name}, {"backend", placement.backend}});
    }
    known = {result, snapshot.generation()};
    return result;
}

placement_check::outcome placement_check::verify(const config::Backend& backend,
                                                 const config::Placement& placement,
                                                 const std::string& database,
                                                 const std::vector<std::string>& bridge_schemas,
                                                 bool serving) {
    outcome result;
    std::vector<policy::postgres::ContextKey> keys;
    if (placement.isolation == config::Isolation::sealed) {
        std::string identity =
            backend.name + "\n" + backend.user + "\n" + backend.password + "\n" + placement.database;
        for (const std::string& secret : placement.context_keys) identity += "\n" + secret;
        auto derived = keys_.find(identity);
        if (derived == keys_.end()) {
            auto made = policy::postgres::context_keys(placement.context_keys, backend.password, backend.user,
                                                       placement.database);
            if (!made) {
                result.refusal = made.error().message;
                return result;
            }
            derived = keys_.emplace(identity, *made).first;
        }
        keys = derived->second;
        result.key = std::make_shared<const policy::postgres::ContextKey>(keys.front());
    }
    auto connection = dal::postgres::Connection::open(dal::postgres::connect_options(backend, database));
    if (!connection) {
        result.unreachable = true;
        result.refusal =
            "placement \"" + placement.name + "\" could not be verified: " + connection.error().message;
        return result;
    }
    auto verified =
        dal::postgres::verify_placement(*connection, backend, placement, keys, bridge_schemas, config_file_);
    if (!verified) {
        result.unreachable = true;
        result.refusal =
            "placement \"" + placement.name + "\" could not be verified: " + verified.error().message;
        return result;
    }
    for (const dal::postgres::Finding& finding : verified->findings) {
        if (finding.severity != dal::postgres::Severity::error || (serving && guard_covers(finding)))
            continue;
        if (result.refusal.empty()) {
            result.refusal = "placement \"" + placement.name + "\" would not keep tenants apart";
        }
        result.refusal +=
            "; " + finding.object + ": " + finding.problem + " (mend it: " + finding.remedy + ")";
    }
    result.catalogue = verified->catalogue;
    return result;
}

}  // namespace fairlead::proxy::worker

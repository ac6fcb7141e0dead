#include "dal/estate/postgres/placement_verifier.h"

#include "dal/estate/postgres/guard_scope.h"
#include "dal/estate/postgres/verify_placement.h"

#include <chrono>
#include <memory>

namespace fairlead::dal::postgres {
namespace {

// A table that lost or lacks its policy is refused by the guard, statement by statement. Nothing covers our
// own tables: without our signing key in the database every tenant would find its tables empty.
bool guard_covers(const Finding& finding) {
    return finding.object.starts_with("table ") && !finding.object.starts_with("table fairlead.");
}

std::shared_ptr<const policy::postgres::GuardScope> make_scope(const config::Placement& placement,
                                                               policy::CataloguePtr catalogue) {
    return std::make_shared<const policy::postgres::GuardScope>(
        make_guard_scope(placement, std::move(catalogue)));
}

}  // namespace

Result<placement_verifier::context_keys> placement_verifier::keys_of(const config::Backend& backend,
                                                                     const config::Placement& placement) {
    if (placement.isolation != config::Isolation::sealed) return context_keys();
    std::string identity =
        backend.name + "\n" + backend.user + "\n" + backend.password + "\n" + placement.database;
    for (const std::string& secret : placement.context_keys) identity += "\n" + secret;
    auto derived = keys_.find(identity);
    if (derived != keys_.end()) return derived->second;
    auto made = policy::postgres::context_keys(placement.context_keys, backend.password, backend.user,
                                               placement.database);
    if (!made) return made.error();
    return keys_.emplace(identity, *made).first->second;
}

verified_placement placement_verifier::verify(const config::Snapshot& snapshot,
                                              const config::Placement& placement, bool serving) {
    verified_placement result;
    const config::Backend& backend = *snapshot.backend(placement.backend);
    std::string database = config::sample_database(snapshot, placement);
    if (placement.model == config::Model::silo || database.empty()) {
        result.served.postgres.scope = make_scope(placement, nullptr);
        return result;
    }
    auto keys = keys_of(backend, placement);
    if (!keys) {
        result.served.refusal = keys.error().message;
        return result;
    }
    if (auto silent = silent_.find(backend.name); silent != silent_.end())
        return could_not_verify(placement, silent->second);
    const ConnectOptions options = connect_options(backend, database);
    const auto start = std::chrono::steady_clock::now();
    auto connection = Connection::open(options);
    if (!connection) {
        // An answer, such as that there is no such database, says nothing of the other placements.
        if (std::chrono::steady_clock::now() - start >= options.connect_timeout)
            silent_[backend.name] = connection.error().message;
        return could_not_verify(placement, connection.error().message);
    }
    auto verified = verify_placement(
        *connection, backend, placement, *keys,
        config::bridge_schemas(snapshot.settings(), backend.name, placement.database), config_file_);
    if (!verified) return could_not_verify(placement, verified.error().message);
    result.served.refusal = refusal_of(placement, verified->findings, serving, guard_covers);
    if (!result.served.refusal.empty()) return result;
    result.served.postgres.scope = make_scope(placement, verified->catalogue);
    if (!keys->empty())
        result.served.postgres.key = std::make_shared<const policy::postgres::ContextKey>(keys->front());
    return result;
}

}  // namespace fairlead::dal::postgres

#include "proxy/worker/postgres/postgres_verifier.h"

#include "dal/estate/postgres/verify_placement.h"
#include "proxy/worker/postgres/placement_scope_maker.h"

namespace fairlead::proxy::worker {
namespace {

// A table that lost or lacks its policy is refused by the guard, statement by statement. Nothing covers our
// own tables: without our signing key in the database every tenant would find its tables empty.
bool guard_covers(const dal::Finding& finding) {
    return finding.object.starts_with("table ") && !finding.object.starts_with("table fairlead.");
}

bool same_catalogue(const worker_config::placement& known, const policy::CataloguePtr& fresh) {
    const policy::CataloguePtr& old = known.scope->guard.catalogue;
    return old != nullptr && fresh != nullptr && old->epoch() == fresh->epoch();
}

}  // namespace

bool postgres_verifier::needs_database(const config::Snapshot&, const config::Placement& placement) const {
    return placement.model == config::Model::pool;
}

Result<postgres_verifier::context_keys> postgres_verifier::keys_of(const config::Backend& backend,
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

verified_placement postgres_verifier::verify(const config::Snapshot& snapshot,
                                             const config::Placement& placement,
                                             const worker_config::placement* known) {
    verified_placement result;
    const config::Backend& backend = *snapshot.backend(placement.backend);
    std::string database = config::sample_database(snapshot, placement);
    if (placement.model == config::Model::silo || database.empty()) {
        result.served.scope = make_placement_scope(placement, nullptr);
        return result;
    }
    auto keys = keys_of(backend, placement);
    if (!keys) {
        result.refusal = keys.error().message;
        return result;
    }
    auto could_not = [&](const std::string& why) {
        result.unreachable = true;
        result.refusal = "placement \"" + placement.name + "\" could not be verified: " + why;
        return result;
    };
    auto connection = dal::postgres::Connection::open(dal::connect_options(backend, database));
    if (!connection) return could_not(connection.error().message);
    auto verified = dal::postgres::verify_placement(
        *connection, backend, placement, *keys,
        config::bridge_schemas(snapshot.settings(), backend.name, placement.database), config_file_);
    if (!verified) return could_not(verified.error().message);
    add_refusal(result.refusal, placement, verified->findings, known != nullptr, guard_covers);
    if (!result.refusal.empty()) return result;
    result.unchanged = known != nullptr && same_catalogue(*known, verified->catalogue);
    result.served.scope = make_placement_scope(placement, verified->catalogue);
    if (!keys->empty())
        result.served.key = std::make_shared<const policy::postgres::ContextKey>(keys->front());
    return result;
}

}  // namespace fairlead::proxy::worker

#include "proxy/worker/mysql/mysql_verifier.h"

#include "dal/estate/mysql/guard_scope.h"
#include "dal/estate/mysql/verify_placement.h"

#include <algorithm>
#include <memory>

namespace fairlead::proxy::worker {
namespace {

// Of databases of their own no catalogue is kept, so any table there may have some.
bool has_triggers(const mysql::placement_scope& scope) {
    if (!scope.shared_tables() || scope.guard.catalogue == nullptr) return true;
    const auto& relations = scope.guard.catalogue->relations();
    return std::any_of(relations.begin(), relations.end(),
                       [](const policy::Relation& relation) { return relation.has_triggers; });
}

std::shared_ptr<const mysql::placement_scope> make_scope(const config::Placement& placement,
                                                         const dal::mysql::Verification& verified) {
    auto scope = std::make_shared<mysql::placement_scope>();
    scope->name = placement.name;
    scope->session_pooling = placement.pooling == config::Pooling::session;
    scope->sql_mode = verified.server.sql_mode;
    scope->guard = dal::mysql::make_guard_scope(placement, verified.server, verified.catalogue);
    scope->triggers = has_triggers(*scope);
    return scope;
}

std::uint64_t epoch_of(const policy::CataloguePtr& catalogue) {
    return catalogue != nullptr ? catalogue->epoch() : 0;
}

bool same(const mysql::placement_scope& known, const mysql::placement_scope& fresh) {
    return known.sql_mode == fresh.sql_mode && known.guard.server == fresh.guard.server &&
           known.guard.server_version == fresh.guard.server_version &&
           known.guard.lower_case_table_names == fresh.guard.lower_case_table_names &&
           epoch_of(known.guard.catalogue) == epoch_of(fresh.guard.catalogue);
}

// What a statement on this table would be is decided by the catalogue, statement by statement.
bool guard_covers(const dal::Finding& finding) {
    return finding.object.starts_with("table ");
}

}  // namespace

verified_placement mysql_verifier::verify(const config::Snapshot& snapshot,
                                          const config::Placement& placement,
                                          const worker_config::placement* known) {
    verified_placement result;
    const config::Backend& backend = *snapshot.backend(placement.backend);
    auto could_not = [&](const std::string& why) {
        result.unreachable = true;
        result.refusal = "placement \"" + placement.name + "\" could not be verified: " + why;
        return result;
    };
    auto connection = dal::mysql::Connection::open(dal::connect_options(backend, {}));
    if (!connection) return could_not(connection.error().message);
    auto verified = dal::mysql::verify_placement(*connection, backend, placement,
                                                 config::databases_of(snapshot.settings(), backend.name));
    if (!verified) return could_not(verified.error().message);
    add_refusal(result.refusal, placement, verified->findings, known != nullptr, guard_covers);
    if (!result.refusal.empty()) return result;
    result.served.mysql_scope = make_scope(placement, *verified);
    result.unchanged = known != nullptr && same(*known->mysql_scope, *result.served.mysql_scope);
    return result;
}

}  // namespace fairlead::proxy::worker

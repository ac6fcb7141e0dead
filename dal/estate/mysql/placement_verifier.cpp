#include "dal/estate/mysql/placement_verifier.h"

#include "dal/estate/mysql/guard_scope.h"
#include "dal/estate/mysql/verify_placement.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

// Of databases of their own no catalogue is kept: any table there may have triggers, and any may be a view.
policy::mysql::HiddenCode hidden_code(const policy::mysql::GuardScope& scope, bool functions) {
    if (scope.model != config::Model::pool || scope.catalogue == nullptr)
        return {.behind_writes = true, .behind_reads = functions};
    const auto& relations = scope.catalogue->relations();
    const bool triggers = std::any_of(relations.begin(), relations.end(),
                                      [](const policy::Relation& relation) { return relation.has_triggers; });
    const bool views = std::any_of(relations.begin(), relations.end(), [](const policy::Relation& relation) {
        return relation.kind == policy::RelationKind::view && relation.global;
    });
    const bool behind_views = functions && views;
    return {.behind_writes = triggers || behind_views, .behind_reads = behind_views};
}

// What a statement on this table would be is decided by the catalogue, statement by statement.
bool guard_covers(const Finding& finding) {
    return finding.object.starts_with("table ");
}

}  // namespace

SqlResult<Connection>& placement_verifier::connection_to(const config::Backend& backend) {
    auto found = connections_.find(backend.name);
    bool lost = found != connections_.end() && found->second && !found->second->is_open();
    if (lost) connections_.erase(found);
    if (lost || found == connections_.end())
        found = connections_.emplace(backend.name, Connection::open(connect_options(backend, {}))).first;
    return found->second;
}

verified_placement placement_verifier::verify(const config::Snapshot& snapshot,
                                              const config::Placement& placement, bool serving) {
    const config::Backend& backend = *snapshot.backend(placement.backend);
    SqlResult<Connection>& connection = connection_to(backend);
    if (!connection) return could_not_verify(placement, connection.error().message);

    auto verified = verify_placement(*connection, backend, placement,
                                     config::databases_of(snapshot.settings(), backend.name));
    verified_placement result;
    if (verified) {
        result.served.refusal = refusal_of(placement, verified->findings, serving, guard_covers);
    } else {
        result = could_not_verify(placement, verified.error().message);
    }
    if (!result.served.refusal.empty()) {
        // Reading an account's rights changes the session's role and back; the next placement must not be
        // asked where that may have failed.
        connections_.erase(backend.name);
        return result;
    }
    auto scope = std::make_shared<const policy::mysql::GuardScope>(
        make_guard_scope(placement, verified->server, verified->catalogue));
    result.served.mysql.sql_mode = verified->server.sql_mode;
    result.served.mysql.hidden_code = hidden_code(*scope, verified->server.stored_functions);
    result.served.mysql.scope = std::move(scope);
    return result;
}

}  // namespace fairlead::dal::mysql

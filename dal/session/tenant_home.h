#pragma once

#include "dal/estate/served_placement.h"
#include "dal/routing/route.h"
#include "dal/session/context_sealers.h"
#include "dal/session/lease.h"
#include "dal/session/placement_counters.h"
#include "fairlead/error.h"
#include "policy/mysql/lex_mode.h"
#include "policy/postgres/context_kind.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// A placement in one version of the estate. `sealers`: sealed placements that are served.
struct estate_placement {
    served_placement served;
    std::shared_ptr<context_sealers> sealers;
    std::shared_ptr<placement_counters> counters;
};

/// One version of everything that calls go by: configuration, verified placements, backends. Immutable; a
/// reload, or a catalogue that changed, makes another.
struct estate_version {
    std::uint64_t number = 0;
    config::SnapshotPtr snapshot;
    std::map<std::string, estate_placement, std::less<>> placements;
    std::map<std::string, std::shared_ptr<BackendRuntime>, std::less<>> backends;
};

/// Where a tenant lives in one version of the estate, with all that its calls need; made once and shared by
/// them. Immutable. Keeps its version alive.
struct tenant_home {
    std::shared_ptr<const estate_version> version;
    route place;  // points into the version's snapshot
    const estate_placement* placement = nullptr;
    std::unique_ptr<PoolSeat> seat;

    policy::postgres::context_kind context = policy::postgres::context_kind::none;  // PostgreSQL
    std::string context_variable;
    std::string context_value;  // of all kinds but sealed
    /// MySQL: how its texts are read. nullopt: under the sql_mode of this server they cannot be.
    std::optional<policy::mysql::lex_mode> mode;

    config::Engine engine() const { return place.backend->engine; }
    const std::string& tenant() const { return place.tenant->id; }
    /// Within which prepared statements mean the same.
    const std::string& plan_scope() const {
        return place.own_schema.empty() ? place.server_database : place.own_schema;
    }
};

/// The tenant's home, or why it has none: errc::configuration.
std::shared_ptr<const tenant_home> find_home(const std::shared_ptr<const estate_version>& version,
                                             std::string_view tenant, std::string_view database,
                                             Diagnostics& failed);

/// What must be sent in front of a transaction's first statement. `value` receives a token if one is needed;
/// the result points into it and into `home`.
SessionContext make_context(const tenant_home& home, const ServerSession& session, std::string& value);

}  // namespace fairlead::dal

#pragma once

#include "common/result.h"
#include "config/snapshot.h"
#include "dal/routing/route_error.h"
#include "dal/routing/tenant_identity.h"

#include <string>
#include <string_view>

namespace fairlead::dal {

/// Who a client is and where it lives. The pointers live as long as the snapshot it was resolved from: keep
/// that.
struct route {
    const config::Tenant* tenant = nullptr;
    const config::Placement* placement = nullptr;
    const config::Backend* backend = nullptr;
    std::string server_database;   // on the server, "{id}" expanded
    std::string own_schema;        // bridge by schema, "{id}" expanded; else empty
    std::string exposed_database;  // the name by which the client knows it
};

/// The tenant by resolve_tenant(), then its placement with this engine and this exposed database name. An
/// empty `database`, or the user name that PostgreSQL clients send when none was given (with or without the
/// tenant suffix), means the tenant's only placement of that engine, unless a placement has just that name.
/// No match: 3D000 (42000 on MySQL), with the names that this tenant does have as the hint. Run again with
/// `set_command` when a client changes its tenant. Engine-neutral, no I/O, thread-safe.
Result<route, route_error> resolve_route(const config::Snapshot& snapshot, const config::User& user,
                                         const identity_labels& labels, config::Engine engine,
                                         std::string_view database);

/// The same for a caller that may be any tenant: an application that embeds the data access layer.
/// `database`: an exposed name; the placement's own name where two engines expose the same; empty: the
/// tenant's only placement, whatever its engine.
Result<route, route_error> resolve_place(const config::Snapshot& snapshot, std::string_view tenant,
                                         std::string_view database);

}  // namespace fairlead::dal

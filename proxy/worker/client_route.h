#pragma once

#include "config/settings.h"
#include "dal/pool/backend_pool.h"
#include "proxy/metrics/worker_metrics.h"
#include "proxy/session/mysql/placement_scope.h"
#include "proxy/session/postgres/placement_scope.h"
#include "proxy/worker/backend_runtime.h"

#include <memory>
#include <string>
#include <string_view>

namespace fairlead::proxy::worker {

/// One placement as one worker serves it. Stays in place over reloads; only its content changes.
struct worker_placement {
    std::string name;
    postgres::placement_slot postgres;  // the one of its backend's engine is in use
    mysql::placement_slot mysql;
    std::string client_refusal;  // what clients are told when it is not served
    bool served() const { return postgres.current != nullptr || mysql.current != nullptr; }
    metrics::placement_metrics* counts = nullptr;
};

/// A replication connection can serve nobody else, so the pool keeps it under a database name of its own:
/// "shop\nreplication=database".
inline constexpr std::string_view replication_mark = "\nreplication=";

/// Where a client's statements go: resolved at login and when it names another tenant.
struct client_route {
    std::string tenant;
    std::shared_ptr<backend_runtime> backend;
    worker_placement* placement = nullptr;
    std::string database;          // on the server
    std::string exposed_database;  // as the client knows it
    std::string own_schema;        // bridge by schema
    dal::TenantSlot tenant_slot{};
    dal::DatabaseSlot database_slot{};
    metrics::tenant_metrics* tenant_counts = nullptr;
};

}  // namespace fairlead::proxy::worker

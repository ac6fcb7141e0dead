#pragma once

#include "proxy/admin/admin_route.h"

#include <cstddef>
#include <string>
#include <vector>

namespace fairlead::proxy::admin {

/// What a load balancer must know before it sends clients here.
struct readiness {
    bool draining = false;
    bool listeners_open = false;
    std::size_t placements_up = 0;
    std::vector<std::string>
        refused_placements;  // "globex_silo: table orders has no row policy"; for the reader
};

/// 200 "ready" when clients can be served, otherwise 503 with one reason a line. A refused placement alone
/// does not make the process unready: others would lose their service for it.
admin_response readyz(const readiness& now);

/// 200 "ok": that it is answered at all is the message.
admin_response healthz();

}  // namespace fairlead::proxy::admin

#include "proxy/admin/readiness.h"

namespace fairlead::proxy::admin {

admin_response readyz(const readiness& now) {
    std::string reasons;
    if (now.draining) reasons += "not ready: draining, the process is going to end\n";
    if (!now.listeners_open) reasons += "not ready: no listener is open\n";
    if (now.placements_up == 0) reasons += "not ready: no placement is up\n";

    admin_response response;
    response.status = reasons.empty() ? 200 : 503;
    response.body = reasons.empty() ? "ready\n" : reasons;
    for (const std::string& each : now.refused_placements)
        response.body += "placement refused: " + each + "\n";
    return response;
}

admin_response healthz() {
    return {.status = 200, .content_type = "text/plain; charset=utf-8", .body = "ok\n"};
}

}  // namespace fairlead::proxy::admin

#include "proxy/worker/placement_verifier.h"

namespace fairlead::proxy::worker {

void add_refusal(std::string& refusal, const config::Placement& placement,
                 const std::vector<dal::Finding>& findings, bool serving,
                 bool (*guard_covers)(const dal::Finding&)) {
    for (const dal::Finding& finding : findings) {
        if (finding.severity != dal::Severity::error || (serving && guard_covers(finding))) continue;
        if (refusal.empty()) refusal = "placement \"" + placement.name + "\" would not keep tenants apart";
        refusal += "; " + finding.object + ": " + finding.problem + " (mend it: " + finding.remedy + ")";
    }
}

}  // namespace fairlead::proxy::worker

#include "dal/estate/placement_verifier.h"

namespace fairlead::dal {

verified_placement could_not_verify(const config::Placement& placement, const std::string& why) {
    verified_placement result;
    result.unreachable = true;
    result.served.refusal = "placement \"" + placement.name + "\" could not be verified: " + why;
    return result;
}

std::string refusal_of(const config::Placement& placement, const std::vector<Finding>& findings, bool serving,
                       bool (*guard_covers)(const Finding&)) {
    std::string refusal;
    for (const Finding& finding : findings) {
        if (finding.severity != Severity::error || (serving && guard_covers(finding))) continue;
        if (refusal.empty()) refusal = "placement \"" + placement.name + "\" would not keep tenants apart";
        refusal += "; " + finding.object + ": " + finding.problem + " (mend it: " + finding.remedy + ")";
    }
    return refusal;
}

}  // namespace fairlead::dal

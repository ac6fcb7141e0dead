#include "dal/estate/finding.h"

#include <algorithm>

namespace fairlead::dal {

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::note:
            return "note";
    }
    return "error";
}

std::string to_string(const Finding& finding) {
    std::string out(to_string(finding.severity));
    out += ": " + finding.object + ": " + finding.problem;
    if (!finding.remedy.empty()) out += "\n    " + finding.remedy;
    return out;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

bool any_error(const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.severity == Severity::error; });
}

}  // namespace fairlead::dal

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// `error`: the placement would not hold and is not served. `warning`: it holds, but something is refused or
/// weaker than it could be. `note`: worth knowing.
enum class Severity { error, warning, note };

struct Finding {
    Severity severity = Severity::error;
    std::string object;   // "table public.orders", "role fairlead_app"
    std::string problem;  // what was found and what it allows
    std::string remedy;   // a command or statement that mends it
};

std::string_view to_string(Severity severity);
/// "error: table public.orders: PROBLEM\n    REMEDY"
std::string to_string(const Finding& finding);
/// "a, b, c", for the text of a finding.
std::string joined(const std::vector<std::string>& names);
bool any_error(const std::vector<Finding>& findings);

}  // namespace fairlead::dal

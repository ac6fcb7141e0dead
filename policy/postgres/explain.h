#pragma once

#include "policy/postgres/guard.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace fairlead::policy::postgres {

/// A verdict as `fairlead explain` prints it (policy/explain.h). `sql` is the statement that the verdict is
/// about.
nlohmann::json explain_json(const GuardScope& scope, const Verdict& verdict, std::string_view sql);

std::string explain_text(const GuardScope& scope, const Verdict& verdict, std::string_view sql);

/// The settings that tenants of a shared database may change, one per line.
std::string settings_markdown();

}  // namespace fairlead::policy::postgres

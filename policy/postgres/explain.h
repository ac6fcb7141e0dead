#pragma once

#include "policy/postgres/guard.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace fairlead::policy::postgres {

/// A verdict as `fairlead explain --json` prints it: verdict ("pass" or "refuse"), rule, message, hint,
/// position, sqlstate, sql (what would be sent, null when refused), context (the tenant's context goes before
/// it), pin, settings, command. `sql` is the statement that the verdict is about.
nlohmann::json explain_json(const GuardScope& scope, const Verdict& verdict, std::string_view sql);

/// The same for people, several lines, each ending in a newline.
std::string explain_text(const GuardScope& scope, const Verdict& verdict, std::string_view sql);

/// All rules with what they refuse and what to do instead, as a Markdown table for docs/sql-support.md.
std::string rules_markdown();

/// The settings that tenants of a shared database may change, one per line.
std::string settings_markdown();

}  // namespace fairlead::policy::postgres

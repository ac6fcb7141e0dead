#pragma once

#include "policy/verdict.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace fairlead::policy {

/// What `fairlead explain` shows. The words are the same for both engines.
struct explanation {
    const Verdict& verdict;
    std::string_view sql;          // what would be sent; not shown when refused
    bool applies_context = false;  // the tenant's context goes before it (PostgreSQL, shared tables)
};

/// As `fairlead explain --json` prints it: verdict ("pass" or "refuse"), rule, message, hint, position,
/// sqlstate, sql (null when refused), context, pin, settings, command.
nlohmann::json explain_json(const explanation& of);

/// The same for people, several lines, each ending in a newline.
std::string explain_text(const explanation& of);

}  // namespace fairlead::policy

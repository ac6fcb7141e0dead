#pragma once

#include "policy/mysql/guard.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace fairlead::policy::mysql {

/// A verdict as `fairlead explain` prints it (policy/explain.h), with the text as it would be sent for this
/// session. `sql` is the statement that the verdict is about. A text that cannot be rendered is shown as
/// refused.
nlohmann::json explain_json(const Speaker& speaker, const Verdict& verdict, std::string_view sql);
std::string explain_text(const Speaker& speaker, const Verdict& verdict, std::string_view sql);

/// The system variables that tenants of shared tables may set, as a Markdown table.
std::string settings_markdown();

/// Those that they may only read, and the modes of sql_mode that they may set, as lists.
std::string readable_variables_markdown();
std::string sql_modes_markdown();

}  // namespace fairlead::policy::mysql

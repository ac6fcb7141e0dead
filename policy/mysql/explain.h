#pragma once

#include <string>

namespace fairlead::policy::mysql {

/// The system variables that tenants of shared tables may set, as a Markdown table.
std::string settings_markdown();

/// Those that they may only read, and the modes of sql_mode that they may set, as lists.
std::string readable_variables_markdown();
std::string sql_modes_markdown();

}  // namespace fairlead::policy::mysql

#pragma once

#include "cli/command.h"

namespace fairlead::cli {

/// `fairlead check`: every mistake of a configuration at once. Returns 1 when there is any.
int run_check(const std::string& config_file, const CommandContext& context);

}  // namespace fairlead::cli

#pragma once

#include "cli/command.h"

#include <string>

namespace CLI {
class App;
}

namespace fairlead::cli {

struct EstateOptions {
    std::string config_file;
    bool json = false;
    unsigned interval_s = 0;  // measure the hit ratio over this time as well; 0: only since start
};

/// `fairlead estate`: tables, hit ratio and connections of every backend. Returns 1 when a backend could not
/// be asked.
int run_estate(const EstateOptions& options, const CommandContext& context);

/// Registers `estate`; see add_policy_command.
void add_estate_command(CLI::App& app, const CommandContext& context, int& exit_status);

}  // namespace fairlead::cli

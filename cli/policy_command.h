#pragma once

#include "cli/command.h"

#include <string>

namespace CLI {
class App;
}

namespace fairlead::cli {

enum class PolicyAction { print, install, verify };

struct PolicyOptions {
    PolicyAction action = PolicyAction::print;
    std::string config_file;
    std::string placement;
    std::string as_role;     // install: the role that then owns the schema fairlead; its password: PGPASSWORD
    bool show_keys = false;  // print: with the key statements, which are secrets
};

/// `fairlead policy`. Returns the exit status: 0, or 1 when something failed or, for verify, the placement
/// does not hold.
int run_policy(const PolicyOptions& options, const CommandContext& context);

/// Registers `policy print|install|verify`; parsing the command line then runs it and sets `exit_status`.
/// Both references must outlive the parsing.
void add_policy_command(CLI::App& app, const CommandContext& context, int& exit_status);

}  // namespace fairlead::cli

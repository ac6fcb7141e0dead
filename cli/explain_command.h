#pragma once

#include "cli/command.h"

#include <string>

namespace CLI {
class App;
}

namespace fairlead::cli {

struct ExplainOptions {
    std::string config_file;
    std::string tenant;
    std::string user;      // empty: any user that may be this tenant
    std::string database;  // exposed name; empty: the tenant's first placement
    std::string engine;    // "postgres" or "mysql"; empty: that of the placement found
    std::string sql;
    bool json = false;
};

/// `fairlead explain`: the guard's verdict on one text. Reads the catalogue of a pool placement from its
/// database; on MySQL the server's version and modes, too, whatever the model. Returns 0 with either verdict,
/// 1 when none could be given.
int run_explain(const ExplainOptions& options, const CommandContext& context);

void add_explain_command(CLI::App& app, const CommandContext& context, int& exit_status);

}  // namespace fairlead::cli

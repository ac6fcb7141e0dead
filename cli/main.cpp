#include "cli/check_command.h"
#include "cli/command.h"
#include "cli/estate_command.h"
#include "cli/explain_command.h"
#include "cli/policy_command.h"
#include "cli/serve_command.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <iostream>

int main(int argc, char** argv) {
    using namespace fairlead::cli;
    CLI::App app{"Fairlead: multi-tenant data access layer and connection pooling proxy"};
    app.set_version_flag("--version", FAIRLEAD_VERSION);
    // Required by hand, behind the check for unknown words: a command that does not exist is told by its
    // name.
    app.require_subcommand(0, 1);
    app.callback([&] {
        if (app.get_subcommands().empty()) throw CLI::RequiredError::Subcommand(1);
    });
    CommandContext context{std::cout, std::cerr, fairlead::config::process_environment()};
    int status = 0;

    std::string config_file;
    CLI::App* serve = app.add_subcommand("serve", "serve clients until SIGTERM; SIGHUP reloads");
    serve->add_option("--config", config_file, "configuration file (TOML)")->required();
    serve->callback([&] { status = run_serve(config_file); });
    CLI::App* check = app.add_subcommand("check", "report every mistake of a configuration");
    check->add_option("--config", config_file, "configuration file (TOML)")->required();
    check->callback([&] { status = run_check(config_file, context); });
    add_explain_command(app, context, status);
    add_policy_command(app, context, status);
    add_estate_command(app, context, status);

    CLI11_PARSE(app, argc, argv);
    return status;
}

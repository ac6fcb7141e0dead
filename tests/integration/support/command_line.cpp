#include "tests/integration/support/command_line.h"

#include "cli/estate_command.h"
#include "cli/policy_command.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>
#include <utility>

namespace fairlead::test {

CommandResult run_command(std::vector<std::string> words) {
    std::ostringstream out, err;
    const cli::CommandContext context{out, err, [](std::string_view) { return std::nullopt; }};
    CLI::App app;
    CommandResult result;
    cli::add_policy_command(app, context, result.status);
    cli::add_estate_command(app, context, result.status);
    std::reverse(words.begin(), words.end());  // as CLI11 wants a vector
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        err << error.what();
        result.status = 2;
    }
    result.out = out.str();
    result.err = err.str();
    return result;
}

}  // namespace fairlead::test

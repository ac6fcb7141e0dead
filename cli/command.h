#pragma once

#include "config/loader.h"

#include <iosfwd>
#include <string>

namespace fairlead::cli {

/// What a subcommand may touch of the process; injected so that tests can look.
struct CommandContext {
    std::ostream& out;  // the answer
    std::ostream& err;  // what went wrong
    config::Environment environment;
};

/// Loads a configuration file and reports every mistake and warning to `context.err`; null when there is a
/// mistake.
config::SnapshotPtr load_or_report(const std::string& file, const CommandContext& context);

}  // namespace fairlead::cli

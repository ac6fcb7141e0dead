#pragma once

#include <string>

namespace fairlead::cli {

/// `fairlead serve`: runs until SIGTERM or SIGINT; returns the exit code.
int run_serve(const std::string& config_file);

}  // namespace fairlead::cli

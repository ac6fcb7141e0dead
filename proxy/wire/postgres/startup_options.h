#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::proxy::postgres {

struct startup_error;

/// Settings of the `options` start-up parameter ("-c name=value", "-cname=value", "--name=value"; white space
/// between words, backslash before a character takes it as it is), in order, appended to `settings` with
/// names as written. Any other switch or word is an error: on the server those change what a session is, and
/// we could not repeat them.
std::optional<startup_error> parse_startup_options(
    std::string_view options, std::vector<std::pair<std::string, std::string>>& settings);

}  // namespace fairlead::proxy::postgres

#pragma once

#include "common/result.h"
#include "config/loader.h"

#include <string>
#include <string_view>

namespace fairlead::config {

/// Whether `text` has to go through expand_environment(): it starts with "env:" or contains "${".
bool refers_to_environment(std::string_view text);

/// `text` with "env:NAME" (the whole value) or every "${NAME}" replaced; "$${" stands for a literal "${".
/// What comes from the environment is not expanded again. Error: a variable that is not set, or a malformed
/// reference; the message names the variable, never a value.
Result<std::string> expand_environment(std::string_view text, const Environment& environment);

}  // namespace fairlead::config

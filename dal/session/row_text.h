#pragma once

#include "config/settings.h"
#include "fairlead/value.h"

#include <string>
#include <string_view>

namespace fairlead::dal {

/// Appends one value as COPY and LOAD DATA read it: \N for NULL, backslash escapes. Bytes: PostgreSQL's
/// "\x6162"; MySQL's plain hexadecimal digits, for UNHEX().
void append_field(std::string& out, config::Engine engine, const Argument& value);

}  // namespace fairlead::dal

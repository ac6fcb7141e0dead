#pragma once

#include "fairlead/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::dal {

/// The kind of an error by its SQLSTATE's class.
errc kind_of_sqlstate(std::string_view sqlstate);

/// What a server said. `text`: its own words. Classes 08 and 57P0x of PostgreSQL (the server is going away)
/// are errors of the connection.
Diagnostics server_error(std::string_view sqlstate, std::string text, std::string hint = {},
                         std::uint32_t server_code = 0, std::uint32_t position = 0);

/// The connection broke or was never there.
Diagnostics connection_error(std::string message);

}  // namespace fairlead::dal

#pragma once

#include "fairlead/error.h"

#include <cstdint>

struct st_mysql;
struct st_mysql_stmt;

namespace fairlead::dal::mysql {

/// The number under which the library hands on that load_source gave a file to nobody: neither its own nor a
/// server's. The connection goes on.
inline constexpr std::uint32_t refused_file_request = 65'000;

/// Whether an error number is the client library's own: then no server has spoken.
bool is_library_error(std::uint32_t code);

/// Whether the server says with this number that it ends the connection (KILL, shutdown, timeout).
bool ends_connection(std::uint32_t code);

/// What went wrong last on a connection, or on a statement of it. Kind `connection`: it cannot be used any
/// longer.
Diagnostics last_error(st_mysql* connection);
Diagnostics last_error(st_mysql_stmt* statement);

}  // namespace fairlead::dal::mysql

#pragma once

#include "fairlead/error.h"

#include <cstdint>

struct st_mysql;
struct st_mysql_stmt;

namespace fairlead::dal::mysql {

/// Whether an error number is the client library's own: then no server has spoken.
bool is_library_error(std::uint32_t code);

/// Whether the server says with this number that it ends the connection (KILL, shutdown, timeout).
bool ends_connection(std::uint32_t code);

/// What went wrong last on a connection, or on a statement of it. Kind `connection`: it cannot be used any
/// longer.
Diagnostics last_error(st_mysql* connection);
Diagnostics last_error(st_mysql_stmt* statement);

}  // namespace fairlead::dal::mysql

#pragma once

#include "dal/driver/postgres/handles.h"
#include "fairlead/error.h"

#include <string_view>

namespace fairlead::dal::postgres {

/// What the server said, as the API reports it. Never its DETAIL: that of a unique violation or a foreign key
/// names values of rows that the tenant may not see.
Diagnostics to_diagnostics(const pg_result* error);

/// The session ended with it (FATAL, PANIC), or there was no server to speak (libpq's own words).
bool ends_session(const pg_result* error);

/// A prepared statement's plan no longer fits its tables (plancache.c says it where a statement is bound,
/// before anything is executed; in functions it has a context).
bool is_stale_plan(const pg_result* error);

/// The server knows no prepared statement of this name.
bool is_unknown_statement(const pg_result* error, std::string_view name);

}  // namespace fairlead::dal::postgres

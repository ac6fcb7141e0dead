#pragma once

#include <memory>

// libpq's; nothing outside this folder includes its header.
struct pg_conn;
struct pg_result;

namespace fairlead::dal::postgres {

/// PQfinish(). Does not block when the connection is in non-blocking mode.
struct CloseConnection {
    void operator()(pg_conn* connection) const;
};
using ConnectionHandle = std::unique_ptr<pg_conn, CloseConnection>;

struct ClearResult {
    void operator()(pg_result* result) const;
};
using ResultHandle = std::unique_ptr<pg_result, ClearResult>;

}  // namespace fairlead::dal::postgres

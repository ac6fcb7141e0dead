#pragma once

#include "dal/driver/connect_options.h"
#include "dal/driver/postgres/handles.h"
#include "dal/driver/sql_result.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// One libpq connection for what is not on the query path: catalogue, verification, installation, probes.
/// Blocking, with a deadline on every call (name look-up excepted: that is the system resolver's). Not
/// thread-safe. After a deadline has passed the connection is closed, since the answer may still come.
class Connection {
public:
    static SqlResult<Connection> open(const ConnectOptions& options);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    using Parameters = std::vector<std::optional<std::string>>;
    /// One statement, parameters as text.
    SqlResult<Rows> execute(const std::string& statement, const Parameters& parameters = {},
                            std::chrono::milliseconds timeout = std::chrono::seconds(10));

    bool is_open() const { return connection_ != nullptr; }
    std::uint32_t server_version() const;  // 150020
    std::int32_t backend_pid() const;
    /// Warnings and notices since the last call.
    std::vector<std::string> take_notices();

private:
    struct Notices;
    using Handle = ConnectionHandle;

    explicit Connection(Handle handle);
    static SqlResult<Handle> finish_connecting(Handle handle, std::chrono::steady_clock::time_point deadline);
    std::optional<SqlError> wait_for_result(std::chrono::steady_clock::time_point deadline);
    SqlResult<Rows> collect(std::chrono::steady_clock::time_point deadline);
    SqlError lost(std::string message);

    Handle connection_;
    std::unique_ptr<Notices> notices_;  // stable address: libpq keeps it
};

}  // namespace fairlead::dal::postgres

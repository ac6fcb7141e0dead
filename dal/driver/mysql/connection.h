#pragma once

#include "dal/driver/connect_options.h"
#include "dal/driver/mysql/login.h"
#include "dal/driver/sql_result.h"
#include "policy/mysql/lex_mode.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::dal::mysql {

/// One libmysqlclient connection for what is not on the query path: catalogue, verification, probes.
/// Blocking. `timeout` bounds the wait for the answer's first byte, and a further `row_timeout` each of the
/// reads that follow (name look-up excepted: that is the system resolver's). Not thread-safe. After a missed
/// deadline the connection is closed, since the answer may still come.
///
/// Text is UTF-8; the server may not ask for files (LOCAL INFILE) and not for the password in clear text.
class Connection {
public:
    static constexpr std::chrono::seconds row_timeout{10};

    static SqlResult<Connection> open(const ConnectOptions& options);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    /// One statement; values go in by quote().
    SqlResult<Rows> execute(const std::string& statement,
                            std::chrono::milliseconds timeout = std::chrono::seconds(10));
    /// `text` as a string literal in this session's sql_mode.
    std::string quote(std::string_view text) const;

    bool is_open() const { return connection_ != nullptr; }
    std::uint32_t server_version() const;  // 101119 is 10.11.19
    policy::mysql::flavour server_flavour() const;
    bool is_encrypted() const;

private:
    explicit Connection(connection_handle handle);
    static SqlResult<connection_handle> try_open(const ConnectOptions& options, bool encrypted);
    bool wait_for_answer(std::chrono::milliseconds timeout) const;
    SqlResult<Rows> collect();
    SqlError server_error() const;
    SqlError lost(std::string message);

    connection_handle connection_;
};

}  // namespace fairlead::dal::mysql

#pragma once

#include "dal/driver/postgres/connection.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fairlead::test {

/// A private PostgreSQL in a temporary folder on a free loopback port, without fsync, stopped and removed
/// with the object; it also ends when this process dies. As root it runs as the user `postgres`. Aborts the
/// test program if it cannot be started. Everybody may log in as anybody (trust); superuser `postgres`.
class PostgresServer {
public:
    explicit PostgresServer(const std::vector<std::string>& settings = {});
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    std::uint16_t port() const { return port_; }
    const std::string& folder() const { return folder_; }  // also holds the unix socket

    dal::ConnectOptions options(const std::string& user, const std::string& database) const;
    /// Aborts when the connection fails.
    dal::postgres::Connection connect(const std::string& user, const std::string& database) const;
    /// Stops it as a crash would, without removing the data; for tests of what happens then.
    void kill();
    /// After kill(): the same data on the same port.
    void restart() { start(settings_); }
    /// Halts it with all its backends where they stand, as a machine that hangs would; `resume` ends that.
    void pause();
    void resume();

private:
    void start(const std::vector<std::string>& settings);
    void signal_all(int number) const;

    std::vector<std::string> settings_;
    std::string folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = 0;
};

/// The server that all tests of this program share, started with the first use.
PostgresServer& shared_server();

}  // namespace fairlead::test

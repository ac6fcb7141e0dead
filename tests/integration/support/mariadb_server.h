#pragma once

#include "dal/driver/mysql/connection.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fairlead::test {

/// A private MariaDB in a temporary folder on a free loopback port and a socket there, stopped and removed
/// with the object; it also ends when this process dies. As root it runs as the user `mysql`. Aborts the test
/// program if it cannot be started. `root` has no password and may log in over both.
class MariaDbServer {
public:
    /// `settings`: further arguments, such as "--lower-case-table-names=1".
    explicit MariaDbServer(const std::vector<std::string>& settings = {});
    ~MariaDbServer();
    MariaDbServer(const MariaDbServer&) = delete;
    MariaDbServer& operator=(const MariaDbServer&) = delete;

    std::uint16_t port() const { return port_; }
    const std::string& folder() const { return folder_; }
    std::string socket() const { return folder_ + "/mysqld.sock"; }

    dal::ConnectOptions options(const std::string& user, const std::string& password = "",
                                const std::string& database = "") const;
    /// Aborts when the connection fails.
    dal::mysql::Connection connect(const std::string& user = "root", const std::string& password = "",
                                   const std::string& database = "") const;
    /// Stops it as a crash would, without removing the data; for tests of what happens then.
    void kill();
    /// After kill(): the same data on the same port.
    void restart() { start(settings_); }
    /// Halts it where it stands, as a machine that hangs would; `resume` ends that.
    void pause();
    void resume();

private:
    void install();
    void start(const std::vector<std::string>& settings);

    std::vector<std::string> settings_;
    std::string folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = 0;
};

/// The server that all tests of this program share, started with the first use.
MariaDbServer& shared_mariadb();

/// Runs a statement whose success is not in question; fails the test otherwise.
dal::Rows must(dal::mysql::Connection& connection, const std::string& statement);

}  // namespace fairlead::test

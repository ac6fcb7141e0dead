#pragma once

#include "tests/integration/support/mariadb_server.h"

#include <memory>
#include <string>

namespace fairlead::test {

/// A private MariaDB with a certificate for `localhost`, and the files to check it by. Aborts the test
/// program if it cannot be made.
class MariaDbTlsServer {
public:
    MariaDbTlsServer();
    ~MariaDbTlsServer();
    MariaDbTlsServer(const MariaDbTlsServer&) = delete;
    MariaDbTlsServer& operator=(const MariaDbTlsServer&) = delete;

    MariaDbServer& server() { return *server_; }
    /// `ca`: "ca", which signed the certificate, "other", or "" for none. Other users than root show a
    /// certificate for `client`.
    dal::ConnectOptions options(config::TlsMode mode, const std::string& ca, const std::string& host,
                                const std::string& user = "root") const;

private:
    std::string folder_;
    std::unique_ptr<MariaDbServer> server_;
};

}  // namespace fairlead::test

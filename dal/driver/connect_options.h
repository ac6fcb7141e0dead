#pragma once

#include "config/settings.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace fairlead::dal {

/// Where and as whom to log in; the same for both engines.
struct ConnectOptions {
    /// A name, an address, or a path for a unix socket: PostgreSQL the directory, MySQL the socket or its
    /// directory.
    std::string host;
    std::uint16_t port = 0;
    std::string user;
    std::string password;
    std::string database;  // MySQL: may be empty
    config::Tls tls;
    std::chrono::milliseconds connect_timeout{5'000};
    std::string application_name = "fairlead";
};

ConnectOptions connect_options(const config::Backend& backend, std::string database);

/// "connecting to HOST:PORT, database NAME, as USER failed: WHY"
std::string connect_failure(const ConnectOptions& options, const std::string& why);

}  // namespace fairlead::dal

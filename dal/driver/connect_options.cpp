#include "dal/driver/connect_options.h"

#include <utility>

namespace fairlead::dal {
namespace {

std::uint16_t usual_port(config::Engine engine) {
    return engine == config::Engine::mysql ? 3306 : 5432;
}

}  // namespace

ConnectOptions connect_options(const config::Backend& backend, std::string database) {
    ConnectOptions options;
    options.host = backend.host;
    options.port = backend.port == 0 ? usual_port(backend.engine) : backend.port;
    options.user = backend.user;
    options.password = backend.password;
    options.database = std::move(database);
    options.tls = backend.tls;
    options.connect_timeout = backend.connect_timeout;
    return options;
}

std::string connect_failure(const ConnectOptions& options, const std::string& why) {
    std::string where = options.host + ":" + std::to_string(options.port);
    if (!options.database.empty()) where += ", database " + options.database;
    return "connecting to " + where + ", as " + options.user + " failed: " + why;
}

}  // namespace fairlead::dal

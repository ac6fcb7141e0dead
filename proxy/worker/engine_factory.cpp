#include "proxy/worker/engine_factory.h"

#include "proxy/session/mysql/client_session.h"
#include "proxy/wire/postgres/build.h"
#include "proxy/worker/link_broker.h"
#include "proxy/worker/mysql/mysql_client.h"
#include "proxy/worker/mysql/mysql_server.h"
#include "proxy/worker/postgres/postgres_client.h"
#include "proxy/worker/postgres/postgres_server.h"
#include "proxy/worker/worker.h"

#include <filesystem>

namespace fairlead::proxy::worker::engine_factory {

std::unique_ptr<client_connection> make_client(worker& home, std::uint64_t cookie,
                                               std::shared_ptr<const listener_info> listener,
                                               net::transport stream) {
    if (listener->engine == config::Engine::mysql)
        return std::make_unique<mysql_client>(home, cookie, std::move(listener), std::move(stream));
    return std::make_unique<postgres_client>(home, cookie, std::move(listener), std::move(stream));
}

std::unique_ptr<server_connection> make_server(config::Engine kind, link_broker& home,
                                               std::shared_ptr<backend_runtime> backend, dal::ConnectionId id,
                                               const std::string& database) {
    net::reactor& events = home.owner().events();
    if (kind == config::Engine::mysql)
        return std::make_unique<mysql_server>(home, std::move(backend), id, database, events);
    return std::make_unique<postgres_server>(home, std::move(backend), id, database, events);
}

std::string socket_path(config::Engine kind, const std::string& host, std::uint16_t port) {
    std::string path = host.starts_with("unix:") ? host.substr(5) : host;
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored)) return path;
    return path + (kind == config::Engine::mysql ? "/mysqld.sock" : "/.s.PGSQL." + std::to_string(port));
}

std::string error_before_login(config::Engine kind, const client_error& error) {
    std::string bytes;
    if (kind == config::Engine::mysql) {
        mysql::append_client_error(bytes, 0, error);
    } else {
        postgres::append_error(
            bytes,
            {.severity = "FATAL", .sqlstate = error.sqlstate, .message = error.message, .hint = error.hint});
    }
    return bytes;
}

}  // namespace fairlead::proxy::worker::engine_factory

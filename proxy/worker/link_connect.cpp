// How a link_broker opens connections: name look-up, connect, login.
#include "proxy/worker/engine_factory.h"
#include "proxy/worker/link_broker.h"
#include "proxy/worker/worker.h"

#include <boost/asio/ip/address.hpp>

#include <cstring>

namespace fairlead::proxy::worker {

void link_broker::connect(const std::shared_ptr<backend_runtime>& backend, dal::ConnectionId id,
                          dal::DatabaseSlot database) {
    std::string database_name;
    dal::Duration timeout;
    bool cached = false;
    config::Engine engine = config::Engine::postgres;
    {
        std::lock_guard lock(backend->mutex);
        database_name = backend->pool.database_name(database);
        timeout = backend->settings->connect_timeout;
        engine = backend->settings->engine;
        cached = !backend->addresses.empty() && worker_.now() < backend->addresses_expire;
    }
    worker_.counts().backend(backend->name).connection_attempts.add();
    auto server = engine_factory::make_server(engine, *this, backend, id, database_name);
    server->deadline = worker_.now() + timeout;
    std::uint64_t key = key_of(*backend, id);
    server_connection& made = *server;
    servers_[key] = std::move(server);
    if (cached) {
        start_connecting(made);
    } else {
        resolve(backend, key);
    }
}

void link_broker::resolve(const std::shared_ptr<backend_runtime>& backend, std::uint64_t key) {
    std::string host;
    std::uint16_t port = 0;
    config::Engine engine = config::Engine::postgres;
    {
        std::lock_guard lock(backend->mutex);
        engine = backend->settings->engine;
        host = backend->settings->host;
        port = backend->settings->port;
    }
    auto arrived = [this, backend, key](std::vector<net::endpoint> addresses, const std::string& error) {
        server_connection* server = find(key);
        if (!addresses.empty()) {
            std::lock_guard lock(backend->mutex);
            backend->addresses = std::move(addresses);
            backend->addresses_expire = worker_.now() + backend->settings->dns_ttl;
        }
        if (server == nullptr || server->state != server_state::resolving) return;
        if (!error.empty()) return login_failed(*server, "08001", error);
        start_connecting(*server);
        run_grants();
    };
    if (host.starts_with('/') || host.starts_with("unix:")) {
        auto endpoint = net::unix_endpoint(engine_factory::socket_path(engine, host, port));
        return endpoint ? arrived({*endpoint}, {}) : arrived({}, endpoint.error().message);
    }
    boost::system::error_code not_literal;
    auto literal = boost::asio::ip::make_address(host, not_literal);
    if (!not_literal) {
        net::endpoint endpoint;
        boost::asio::ip::tcp::endpoint target(literal, port);
        endpoint.length = static_cast<socklen_t>(target.size());
        std::memcpy(&endpoint.address, target.data(), target.size());
        return arrived({endpoint}, {});
    }
    worker_.counts().backend(backend->name).name_lookups.add();
    resolver_.async_resolve(
        host, std::to_string(port), [arrived, host](boost::system::error_code error, const auto& results) {
            std::vector<net::endpoint> addresses;
            for (const auto& entry : results) {
                net::endpoint endpoint;
                endpoint.length = static_cast<socklen_t>(entry.endpoint().size());
                std::memcpy(&endpoint.address, entry.endpoint().data(), entry.endpoint().size());
                addresses.push_back(endpoint);
            }
            bool failed = error || addresses.empty();
            arrived(failed ? std::vector<net::endpoint>{} : std::move(addresses),
                    failed ? "cannot resolve " + host + ": " + error.message() : std::string());
        });
}

void link_broker::start_connecting(server_connection& server) {
    {
        std::lock_guard lock(server.backend->mutex);
        auto& addresses = server.backend->addresses;
        if (!addresses.empty()) server.address = addresses[server.backend->next_address++ % addresses.size()];
    }
    if (server.address.length == 0) return resolve(server.backend, key_of(*server.backend, server.id));
    auto socket = net::start_connect(server.address);
    if (!socket) return login_failed(server, "08001", socket.error().message);
    server.stream() = net::transport(std::move(*socket));
    server.state = server_state::connecting;
    if (!server.attach(true)) login_failed(server, "08001", "cannot watch the descriptor");
}

}  // namespace fairlead::proxy::worker

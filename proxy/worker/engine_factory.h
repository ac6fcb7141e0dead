#pragma once

#include "config/settings.h"
#include "proxy/worker/client_connection.h"
#include "proxy/worker/server_connection.h"

#include <memory>
#include <string>

/// Where the engines part: everything else in this folder is the same for all of them.
namespace fairlead::proxy::worker::engine_factory {

std::unique_ptr<client_connection> make_client(worker& home, std::uint64_t cookie,
                                               std::shared_ptr<const listener_info> listener,
                                               net::transport stream);

/// `database`: as the pool knows it.
std::unique_ptr<server_connection> make_server(config::Engine engine, link_broker& home,
                                               std::shared_ptr<backend_runtime> backend, dal::ConnectionId id,
                                               const std::string& database);

/// The unix socket that a backend's `host` means: its path, or the directory that servers put it in.
std::string socket_path(config::Engine engine, const std::string& host, std::uint16_t port);

/// For a client that is turned away before anything was said.
std::string error_before_login(config::Engine engine, const client_error& error);

}  // namespace fairlead::proxy::worker::engine_factory

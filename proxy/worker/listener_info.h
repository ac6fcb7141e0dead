#pragma once

#include "config/settings.h"
#include "proxy/net/tls_context.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// What is common to all clients of one listening address.
struct listener_info {
    config::Engine engine = config::Engine::postgres;
    config::TlsMode tls_mode = config::TlsMode::disable;
    std::shared_ptr<const net::tls_context> tls;
    std::string sni_suffix;
    bool local = false;  // a unix socket
    config::ClientAuth auth = config::ClientAuth::automatic;
};

}  // namespace fairlead::proxy::worker

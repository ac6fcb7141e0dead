#pragma once

#include "proxy/session/mysql/server_login.h"
#include "proxy/worker/cancel_connection.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// KILL QUERY on its way to a server, over a connection that logs in for it. The server answers when the
/// statement has been told to stop.
class kill_query final : public cancel_connection {
public:
    /// `tls`: null when `parameters.tls` is disable.
    kill_query(link_broker& home, net::transport stream, const server_connection& about,
               mysql::server_login_parameters parameters, std::shared_ptr<const net::tls_context> tls,
               std::string host, std::uint32_t thread_id);

private:
    enum class state : std::uint8_t { connecting, logging_in, handshaking, sent };
    void on_events(std::uint32_t events) override;
    void read();
    void continue_handshake();
    void continue_login(server_login_step step, const std::string& out);

    mysql::server_login login_;
    std::shared_ptr<const net::tls_context> tls_;
    std::string host_;
    std::uint32_t thread_id_;
    state state_ = state::connecting;
};

}  // namespace fairlead::proxy::worker

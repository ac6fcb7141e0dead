#pragma once

#include "proxy/worker/cancel_connection.h"

#include <memory>
#include <string>

namespace fairlead::proxy::worker {

/// A CancelRequest on its way to a server (over TLS when the backend's connections use it). The server closes
/// the connection when the signal has been sent.
class cancel_request final : public cancel_connection {
public:
    cancel_request(link_broker& home, net::transport stream, const server_connection& about,
                   std::string request)
        : cancel_connection(home, std::move(stream), about), request_(std::move(request)) {}

    /// Null: without TLS.
    void use_tls(std::shared_ptr<const net::tls_context> context, std::string host);

private:
    enum class state : std::uint8_t { connecting, ssl_answer, handshaking, sent };
    void on_events(std::uint32_t events) override;
    void send_request();

    std::string request_;
    std::shared_ptr<const net::tls_context> tls_;
    std::string host_;
    state state_ = state::connecting;
};

}  // namespace fairlead::proxy::worker

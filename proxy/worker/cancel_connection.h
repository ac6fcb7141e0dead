#pragma once

#include "proxy/net/connection.h"
#include "proxy/worker/backend_runtime.h"

#include <cstdint>
#include <memory>
#include <string>

namespace fairlead::proxy::worker {

class link_broker;

/// A CancelRequest on its way to a server, over a connection of its own (TLS when the backend's connections
/// use it). Finished when the server closes it: from then on the signal has been sent.
class cancel_connection final : public net::connection {
public:
    cancel_connection(link_broker& home, net::reactor& reactor, net::transport stream, std::uint64_t target,
                      std::string request);

    void on_ready(std::uint32_t events) override;
    /// Null: without TLS.
    void use_tls(std::shared_ptr<const net::tls_context> context, std::string host);

    std::uint64_t target() const { return target_; }
    bool finished() const { return finished_; }
    /// Given up, because the server does not answer.
    void abandon() { finish(); }
    dal::TimePoint deadline{};

private:
    enum class state : std::uint8_t { connecting, ssl_answer, handshaking, sent };
    void send_request();
    void finish();

    link_broker& home_;
    std::uint64_t target_;
    std::string request_;
    std::shared_ptr<const net::tls_context> tls_;
    std::string host_;
    state state_ = state::connecting;
    bool finished_ = false;
};

}  // namespace fairlead::proxy::worker

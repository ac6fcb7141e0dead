#include "proxy/admin/admin_server.h"

#include "proxy/admin/admin_session.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <string>
#include <unordered_set>
#include <utility>

namespace fairlead::proxy::admin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds accept_retry{100};

// "[::1]:9127" -> {"::1", "9127"}
Result<std::pair<std::string, std::string>> split_address(std::string_view address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size()) {
        return Error{"admin address \"" + std::string(address) + "\" is not host:port",
                     "[admin] address, for example \"127.0.0.1:9127\""};
    }
    std::string_view host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return std::pair{std::string(host), std::string(address.substr(colon + 1))};
}

}  // namespace

struct admin_server::state : std::enable_shared_from_this<admin_server::state> {
    state(asio::io_context& context, admin_routes pages, const admin_limits& bounds)
        : io(context),
          routes(std::make_shared<const admin_routes>(std::move(pages))),
          limits(bounds),
          acceptor(context),
          retry(context) {}

    error_code open(const tcp::endpoint& endpoint);
    void accept();
    void on_accept(error_code error, tcp::socket socket);
    void accept_later();
    void forget(admin_session& session);
    void stop();

    asio::io_context& io;
    std::shared_ptr<const admin_routes> routes;
    admin_limits limits;
    tcp::acceptor acceptor;
    asio::steady_timer retry;
    std::unordered_set<admin_session*> sessions;  // each is alive: it forgets itself before it ends
    bool accepting = false;
    bool stopped = false;
};

error_code admin_server::state::open(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(128, error);
    if (error) {
        error_code ignored;
        acceptor.close(ignored);
    }
    return error;
}

void admin_server::state::accept() {
    if (stopped || accepting || sessions.size() >= limits.max_connections) return;
    accepting = true;
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        self->accepting = false;
        self->on_accept(error, std::move(socket));
    });
}

void admin_server::state::on_accept(error_code error, tcp::socket socket) {
    if (stopped) return;
    if (error) return accept_later();  // out of descriptors, most likely: trying at once would spin
    auto session = std::make_shared<admin_session>(std::move(socket), routes, limits,
                                                   [weak = weak_from_this()](admin_session& ended) {
                                                       if (auto self = weak.lock()) self->forget(ended);
                                                   });
    sessions.insert(session.get());
    session->start();
    accept();
}

void admin_server::state::accept_later() {
    retry.expires_after(accept_retry);
    retry.async_wait([self = shared_from_this()](error_code error) {
        if (!error) self->accept();
    });
}

void admin_server::state::forget(admin_session& session) {
    sessions.erase(&session);
    accept();
}

void admin_server::state::stop() {
    stopped = true;
    error_code ignored;
    acceptor.close(ignored);
    retry.cancel();
    for (admin_session* session : sessions) session->close();
}

admin_server::admin_server(asio::io_context& io, admin_routes routes, admin_limits limits)
    : state_(std::make_shared<state>(io, std::move(routes), limits)) {}

admin_server::~admin_server() {
    stop();
}

Result<std::uint16_t> admin_server::listen(std::string_view address) {
    auto parts = split_address(address);
    if (!parts) return parts.error();
    error_code error;
    tcp::resolver resolver(state_->io);
    const auto endpoints = resolver.resolve(parts->first, parts->second, tcp::resolver::passive, error);
    if (!error) {
        for (const auto& each : endpoints) {
            error = state_->open(each.endpoint());
            if (!error) break;
        }
    }
    if (error) {
        return Error{
            "admin listener cannot open " + std::string(address) + ": " + error.message(),
            "[admin] address: another process may hold the port, or the host is not one of this machine"};
    }
    const std::uint16_t port = state_->acceptor.local_endpoint(error).port();
    state_->accept();
    return port;
}

void admin_server::stop() {
    asio::post(state_->io, [held = state_] { held->stop(); });
}

}  // namespace fairlead::proxy::admin

#include "proxy/worker/listener.h"

#include "proxy/net/socket.h"
#include "proxy/worker/engine_factory.h"
#include "proxy/worker/worker.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fairlead::proxy::worker {
namespace {

constexpr int backlog = 4096;
constexpr int accepts_per_turn = 64;

Error failed(const std::string& address, const char* what) {
    return {"cannot listen on " + address + ": " + what + ": " + std::strerror(errno), {}};
}

Result<net::descriptor> listen_unix(const std::string& address, const std::string& path) {
    auto endpoint = net::unix_endpoint(path);
    if (!endpoint) return endpoint.error();
    net::descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::unlink(path.c_str());
    const auto* at = reinterpret_cast<const sockaddr*>(&endpoint->address);
    if (!socket.open() || ::bind(socket.get(), at, endpoint->length) != 0) return failed(address, "bind");
    if (::listen(socket.get(), backlog) != 0) return failed(address, "listen");
    return socket;
}

Result<net::descriptor> listen_tcp(const std::string& address) {
    std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return Error{"cannot listen on " + address + ": no port", {}};
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* found = nullptr;
    bool any = host.empty() || host == "*";
    int error =
        ::getaddrinfo(any ? nullptr : host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
    if (error != 0) return Error{"cannot listen on " + address + ": " + ::gai_strerror(error), {}};
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    net::descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.open()) return failed(address, "socket");
    int yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0) return failed(address, "bind");
    if (::listen(socket.get(), backlog) != 0) return failed(address, "listen");
    return socket;
}

}  // namespace

listener::listener(boost::asio::io_context& io, shared_state& shared,
                   std::shared_ptr<const listener_info> info, limits bounds)
    : socket_(io), pause_(io), shared_(shared), info_(std::move(info)), limits_(bounds) {}

listener::~listener() {
    close();
}

Status listener::open(const std::string& address) {
    address_ = address;
    if (address.starts_with("unix:")) unix_path_ = address.substr(5);
    auto socket = unix_path_.empty() ? listen_tcp(address) : listen_unix(address, unix_path_);
    if (!socket) return socket.error();
    socket_.assign(socket->release());
    wait();
    return {};
}

void listener::close() {
    if (!socket_.is_open()) return;
    boost::system::error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
    if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
}

void listener::wait() {
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [this](boost::system::error_code error) {
                           if (!error) accept_ready();
                       });
}

void listener::accept_ready() {
    for (int i = 0; i < accepts_per_turn; ++i) {
        net::descriptor socket(
            ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket.open()) {
            bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
            if (!exhausted) break;
            // Accepting again at once would spin: the descriptor stays readable until some connection ends.
            shared_.log.error("cannot accept", {{"address", address_}, {"error", std::strerror(errno)}});
            pause_.expires_after(std::chrono::milliseconds(100));
            pause_.async_wait([this](boost::system::error_code error) {
                if (!error) wait();
            });
            return;
        }
        if (shared_.client_count.load() >= limits_.max_client_connections) {
            turn_away(std::move(socket), "too many client connections", "See proxy.max_client_connections.");
        } else {
            // Whoever floods us with half-open logins must not keep out those who mean to log in.
            const bool crowded = shared_.logging_in_count.load() >= limits_.max_startup_connections;
            ++shared_.client_count;
            ++shared_.logging_in_count;
            auto fewest = std::min_element(
                shared_.workers.begin(), shared_.workers.end(),
                [](const auto& a, const auto& b) { return a->client_count() < b->client_count(); });
            (*fewest)->accept(std::move(socket), unix_path_.empty(), info_, crowded);
        }
    }
    wait();
}

void listener::turn_away(net::descriptor socket, std::string_view message, std::string_view hint) {
    std::string bytes = engine_factory::error_before_login(
        info_->engine, {.sqlstate = "53300", .message = message, .hint = hint, .fatal = true});
    ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace fairlead::proxy::worker

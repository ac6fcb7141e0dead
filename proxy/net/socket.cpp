#include "proxy/net/socket.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

namespace fairlead::proxy::net {

void descriptor::reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

Result<endpoint> unix_endpoint(const std::string& path) {
    endpoint result;
    auto* address = reinterpret_cast<sockaddr_un*>(&result.address);
    if (path.size() >= sizeof address->sun_path) return Error{"unix socket path is too long: " + path, {}};
    address->sun_family = AF_UNIX;
    std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
    result.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return result;
}

Result<descriptor> start_connect(const endpoint& target) {
    descriptor socket(::socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.open()) return Error{std::string("cannot open a socket: ") + std::strerror(errno), {}};
    prepare_socket(socket.get(), !target.is_unix());
    int result = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&target.address), target.length);
    if (result != 0 && errno != EINPROGRESS) {
        return Error{std::string("cannot connect: ") + std::strerror(errno), {}};
    }
    return socket;
}

int connect_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
    return error;
}

void prepare_socket(int fd, bool tcp) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!tcp) return;
    auto set = [fd](int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof value); };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

}  // namespace fairlead::proxy::net

#pragma once

#include "common/result.h"

#include <string>
#include <sys/socket.h>
#include <utility>

namespace fairlead::proxy::net {

/// An open descriptor that closes itself.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int fd) : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~descriptor() { reset(); }

    int get() const { return fd_; }
    bool open() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset();

private:
    int fd_ = -1;
};

/// A resolved place to connect to: TCP or a unix socket.
struct endpoint {
    sockaddr_storage address{};
    socklen_t length = 0;
    bool is_unix() const { return address.ss_family == AF_UNIX; }
};

/// "/var/run/postgresql" and 5432 -> the socket `.s.PGSQL.5432` in it.
Result<endpoint> unix_endpoint(const std::string& path);

/// A non-blocking socket whose connect has been started; writable when it is done (then ask connect_error()).
Result<descriptor> start_connect(const endpoint& target);
/// 0, or the errno that a started connect ended with.
int connect_error(int fd);

/// Non-blocking, close-on-exec; TCP: no delay, and keepalive that finds a dead peer within about two minutes.
void prepare_socket(int fd, bool tcp);

}  // namespace fairlead::proxy::net

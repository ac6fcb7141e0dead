#pragma once

#include <cstdint>
#include <span>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/// The four system calls of a transaction, past libc's functions of these names: those are points of thread
/// cancellation, and in a process with several threads each costs two locked instructions for that, though no
/// thread of ours is ever cancelled. Results and errno are those of the functions.
namespace fairlead::proxy::net {

inline ssize_t receive(int fd, std::span<std::uint8_t> into) {
    return ::syscall(SYS_recvfrom, fd, into.data(), into.size(), 0, nullptr, nullptr);
}

inline ssize_t send(int fd, const iovec& part) {
    return ::syscall(SYS_sendto, fd, part.iov_base, part.iov_len, MSG_NOSIGNAL, nullptr, 0);
}

inline ssize_t send(int fd, const msghdr& message) {
    return ::syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
}

inline int wait_for_events(int set, std::span<epoll_event> into, int timeout_ms) {
    return static_cast<int>(
        ::syscall(SYS_epoll_pwait, set, into.data(), static_cast<int>(into.size()), timeout_ms, nullptr, 0));
}

}  // namespace fairlead::proxy::net

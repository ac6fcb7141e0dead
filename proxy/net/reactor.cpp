#include "proxy/net/reactor.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/epoll.h>

namespace fairlead::proxy::net {
namespace {

constexpr int batch_size = 256;
// Rounds without returning to Asio: enough to spare re-arming under load, few enough that timers and posts
// from other workers are never late by more than some hundred microseconds.
constexpr int max_rounds = 8;

epoll_event interest(event_source& source, bool read, bool write) {
    epoll_event event{};
    event.events = (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u);
    event.data.ptr = &source;
    return event;
}

}  // namespace

reactor::reactor(boost::asio::io_context& io, std::function<void()> after_batch)
    : set_(io.get_executor()), after_batch_(std::move(after_batch)) {}

reactor::~reactor() {
    close();
}

Status reactor::open() {
    int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) return Error{std::string("cannot create an epoll set: ") + std::strerror(errno), {}};
    set_.assign(fd);
    arm();
    return {};
}

void reactor::close() {
    boost::system::error_code ignored;
    set_.close(ignored);
}

bool reactor::add(int fd, event_source& source, bool read, bool write) {
    epoll_event event = interest(source, read, write);
    return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void reactor::modify(int fd, event_source& source, bool read, bool write) {
    epoll_event event = interest(source, read, write);
    ::epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, fd, &event);
}

void reactor::remove(int fd) {
    ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
}

void reactor::arm() {
    set_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
        if (error) return;
        run_ready();
        if (set_.is_open()) arm();
    });
}

void reactor::run_ready() {
    std::array<epoll_event, batch_size> events;
    for (int round = 0; round < max_rounds; ++round) {
        int count = ::epoll_wait(set_.native_handle(), events.data(), batch_size, 0);
        for (int i = 0; i < count; ++i) {
            auto& ready = events[static_cast<std::size_t>(i)];
            static_cast<event_source*>(ready.data.ptr)->on_ready(ready.events);
        }
        if (after_batch_) after_batch_();
        if (count <= 0 || !set_.is_open()) return;
    }
}

}  // namespace fairlead::proxy::net

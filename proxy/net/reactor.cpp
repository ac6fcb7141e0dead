#include "proxy/net/reactor.h"

#include "proxy/net/system_calls.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace fairlead::proxy::net {
namespace {

constexpr int batch_size = 256;

epoll_event interest(event_source& source, bool read, bool write, bool edges) {
    epoll_event event{};
    event.events = (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u);
    if (edges) event.events |= EPOLLET | (read ? EPOLLRDHUP : 0u);
    event.data.ptr = &source;
    return event;
}

}  // namespace

Status reactor::open() {
    set_ = descriptor(::epoll_create1(EPOLL_CLOEXEC));
    wake_ = descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!set_.open() || !wake_.open() || !add(wake_.get(), *this, true, false)) {
        return Error{std::string("cannot create an epoll set: ") + std::strerror(errno), {}};
    }
    return {};
}

bool reactor::add(int fd, event_source& source, bool read, bool write, bool edges) {
    epoll_event event = interest(source, read, write, edges);
    return ::epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void reactor::modify(int fd, event_source& source, bool read, bool write, bool edges) {
    epoll_event event = interest(source, read, write, edges);
    ::epoll_ctl(set_.get(), EPOLL_CTL_MOD, fd, &event);
}

void reactor::remove(int fd) {
    ::epoll_ctl(set_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

bool reactor::run_batch(std::chrono::milliseconds timeout) {
    std::array<epoll_event, batch_size> events;
    int count = wait_for_events(set_.get(), events, static_cast<int>(timeout.count()));
    for (int i = 0; i < count; ++i) {
        auto& ready = events[static_cast<std::size_t>(i)];
        static_cast<event_source*>(ready.data.ptr)->on_ready(ready.events);
    }
    if (after_batch_) after_batch_();
    return std::exchange(woken_, false);
}

void reactor::wake() {
    std::uint64_t one = 1;
    // Only a full counter can fail, and then it is awake already.
    if (::write(wake_.get(), &one, sizeof one) < 0) return;
}

void reactor::on_ready(std::uint32_t) {
    std::uint64_t count = 0;
    if (::read(wake_.get(), &count, sizeof count) == sizeof count) woken_ = true;
}

}  // namespace fairlead::proxy::net

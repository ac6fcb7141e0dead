#pragma once

#include "common/result.h"
#include "proxy/net/socket.h"

#include <chrono>
#include <cstdint>
#include <functional>

namespace fairlead::proxy::net {

/// Something with a descriptor in a reactor.
class event_source {
public:
    /// `events`: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, with edges EPOLLRDHUP, as epoll_wait gives them. May
    /// remove itself, but must stay alive until the reactor's after-batch hook has run.
    virtual void on_ready(std::uint32_t events) = 0;

protected:
    ~event_source() = default;
};

/// The data-plane descriptors of one worker: an epoll set of their own, so that a query costs no system call
/// besides its reads and writes and a share of one wait, and an idle client no object of a framework.
/// Timers, posts and look-ups stay Asio's; wake() tells the worker to look at them. Worker's thread only, but
/// for wake().
class reactor final : private event_source {
public:
    /// `after_batch` runs after each batch of events: the place to destroy what was closed.
    explicit reactor(std::function<void()> after_batch) : after_batch_(std::move(after_batch)) {}
    reactor(const reactor&) = delete;
    reactor& operator=(const reactor&) = delete;

    Status open();

    /// `edges`: what is there is told once, and again when more comes or modify() is called.
    bool add(int fd, event_source& source, bool read, bool write, bool edges = false);
    void modify(int fd, event_source& source, bool read, bool write, bool edges = false);
    void remove(int fd);

    /// Waits for events, at most `timeout`, and runs one batch of them. True: somebody called wake() since
    /// the last time.
    bool run_batch(std::chrono::milliseconds timeout);
    /// Any thread.
    void wake();

private:
    void on_ready(std::uint32_t events) override;

    descriptor set_;
    descriptor wake_;
    std::function<void()> after_batch_;
    bool woken_ = false;
};

}  // namespace fairlead::proxy::net

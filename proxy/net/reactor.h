#pragma once

#include "common/result.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>

namespace fairlead::proxy::net {

/// Something with a descriptor in a reactor.
class event_source {
public:
    /// `events`: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR as epoll_wait gives them. May remove itself, but must
    /// stay alive until the reactor's after-batch hook has run.
    virtual void on_ready(std::uint32_t events) = 0;

protected:
    ~event_source() = default;
};

/// The data-plane descriptors of one worker: an epoll set of its own, level-triggered, which is one
/// descriptor to the io_context. Timers, posts and look-ups stay Asio's; a query costs no Asio operation and
/// an idle client no Asio object. Worker's thread only.
class reactor {
public:
    /// `after_batch` runs after each batch of events: the place to destroy what was closed.
    reactor(boost::asio::io_context& io, std::function<void()> after_batch);
    ~reactor();
    reactor(const reactor&) = delete;
    reactor& operator=(const reactor&) = delete;

    Status open();
    void close();

    bool add(int fd, event_source& source, bool read, bool write);
    void modify(int fd, event_source& source, bool read, bool write);
    void remove(int fd);

private:
    void arm();
    void run_ready();

    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> set_;
    std::function<void()> after_batch_;
};

}  // namespace fairlead::proxy::net

#include "dal/driver/descriptor_set.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <unistd.h>

namespace fairlead::dal {
namespace {

constexpr std::size_t batch_size = 64;

std::uint32_t interest(Wait wait) {
    const auto bits = static_cast<unsigned>(wait);
    return ((bits & static_cast<unsigned>(Wait::readable)) != 0 ? EPOLLIN : 0u) |
           ((bits & static_cast<unsigned>(Wait::writable)) != 0 ? EPOLLOUT : 0u);
}

}  // namespace

descriptor_set::descriptor_set() : set_(::epoll_create1(EPOLL_CLOEXEC)) {}

descriptor_set::~descriptor_set() {
    if (set_ >= 0) ::close(set_);
}

bool descriptor_set::arm(int descriptor, Wait wait, std::uint64_t key) {
    epoll_event event{};
    event.events = interest(wait) | EPOLLONESHOT;
    event.data.u64 = key;
    if (::epoll_ctl(set_, EPOLL_CTL_MOD, descriptor, &event) == 0) return true;
    // New to this set, or its number now belongs to another connection.
    return errno == ENOENT && ::epoll_ctl(set_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void descriptor_set::disarm(int descriptor) {
    // Taken out, since an entry without interest would still tell of a hang-up. One that is gone is out
    // already.
    ::epoll_ctl(set_, EPOLL_CTL_DEL, descriptor, nullptr);
}

std::size_t descriptor_set::harvest(std::span<Event> events) {
    std::array<epoll_event, batch_size> ready;
    const auto room = static_cast<int>(std::min(events.size(), ready.size()));
    const int count = ::epoll_wait(set_, ready.data(), room, 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& from = ready[static_cast<std::size_t>(i)];
        events[static_cast<std::size_t>(i)] = {from.data.u64, (from.events & EPOLLIN) != 0,
                                               (from.events & EPOLLOUT) != 0,
                                               (from.events & (EPOLLERR | EPOLLHUP)) != 0};
    }
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace fairlead::dal

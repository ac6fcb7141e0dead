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

// Also tells, as a new edge, of what is there already.
bool enter(int set, int descriptor, Wait wait) {
    epoll_event event{};
    event.events = interest(wait) | EPOLLET;
    event.data.fd = descriptor;
    if (::epoll_ctl(set, EPOLL_CTL_MOD, descriptor, &event) == 0) return true;
    // New to this set, or its number now belongs to another connection.
    return errno == ENOENT && ::epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

}  // namespace

descriptor_set::descriptor_set() : set_(::epoll_create1(EPOLL_CLOEXEC)) {}

descriptor_set::~descriptor_set() {
    if (set_ >= 0) ::close(set_);
}

bool descriptor_set::arm(int descriptor, Wait wait, std::uint64_t key, const connection_mark* owner,
                         bool all_read) {
    if (descriptor < 0) return false;
    const auto place = static_cast<std::size_t>(descriptor);
    if (entries_.size() <= place) entries_.resize(place + 1);
    Entry& entry = entries_[place];
    const bool serves = all_read && owner != nullptr && entry.owner == *owner && entry.wait == wait;
    if (serves) {
        entry.key = key;
        entry.armed = true;
        return true;
    }
    const bool entered = enter(set_, descriptor, wait);
    entry = entered ? Entry{owner != nullptr ? *owner : nullptr, key, wait, true} : Entry{};
    return entered;
}

void descriptor_set::disarm(int descriptor) {
    const auto place = static_cast<std::size_t>(descriptor);
    if (descriptor >= 0 && place < entries_.size()) remove(descriptor, entries_[place]);
}

void descriptor_set::remove(int descriptor, Entry& entry) {
    entry = {};
    // One that is closed is out already.
    ::epoll_ctl(set_, EPOLL_CTL_DEL, descriptor, nullptr);
}

std::size_t descriptor_set::harvest(std::span<Event> events) {
    std::array<epoll_event, batch_size> ready;
    const auto room = static_cast<int>(std::min(events.size(), ready.size()));
    const int count = ::epoll_wait(set_, ready.data(), room, 0);
    std::size_t told = 0;
    for (int i = 0; i < count; ++i) {
        const epoll_event& from = ready[static_cast<std::size_t>(i)];
        Entry& entry = entries_[static_cast<std::size_t>(from.data.fd)];
        if (!entry.armed) {
            // In other hands, whose every answer would wake us.
            remove(from.data.fd, entry);
            continue;
        }
        entry.armed = false;
        events[told++] = {entry.key, (from.events & EPOLLIN) != 0, (from.events & EPOLLOUT) != 0,
                          (from.events & (EPOLLERR | EPOLLHUP)) != 0};
    }
    return told;
}

}  // namespace fairlead::dal

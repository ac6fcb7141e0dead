#pragma once

#include "dal/driver/server_session.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace fairlead::dal {

/// Descriptors that are each waited for once: an epoll set in which every entry is one-shot. An entry that
/// has fired, or that was disarmed, sleeps in the set: so a server connection used again and again costs one
/// system call a wait, nobody has to take it out when it goes to another set, to poll() or to the keeper, and
/// one that the library closes (libpq does, in the midst of a read) leaves by itself. Descriptors are never
/// closed here. One thread at a time, but for descriptor().
class descriptor_set {
public:
    descriptor_set();
    ~descriptor_set();
    descriptor_set(const descriptor_set&) = delete;
    descriptor_set& operator=(const descriptor_set&) = delete;

    struct Event {
        std::uint64_t key = 0;
        bool readable = false;
        bool writable = false;
        bool broken = false;  // an error, or the other side has closed
    };

    /// False when the set could not be made: nothing can be waited for.
    bool is_open() const { return set_ >= 0; }
    /// Waits for `descriptor` once, and names it `key` in the event. False: there is no such descriptor, or
    /// the system has no more memory for it.
    bool arm(int descriptor, Wait wait, std::uint64_t key);
    /// No event for it any more, but for one that was harvested before.
    void disarm(int descriptor);
    /// What is ready now; does not wait. Events beyond `events` come with the next call.
    std::size_t harvest(std::span<Event> events);
    /// Readable when there is something to harvest.
    int descriptor() const { return set_; }

private:
    int set_ = -1;
};

}  // namespace fairlead::dal

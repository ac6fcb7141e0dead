#pragma once

#include "dal/driver/server_session.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fairlead::dal {

/// Descriptors that are each waited for once: an epoll set of edge-triggered entries. An entry that has fired
/// stays, so that a server connection used again and again costs no system call a wait; one that goes to
/// another set, to poll() or to the keeper is taken out at the first event that nobody here waits for, and
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
    ///
    /// `owner`: the connection that it belongs to; null: unknown. `all_read`: whatever had come was read
    /// before what is waited for could come. Then an entry of the same owner serves again as it is; else the
    /// system is asked, since bytes left unread make no second edge.
    bool arm(int descriptor, Wait wait, std::uint64_t key, const connection_mark* owner = nullptr,
             bool all_read = false);
    /// No event for it any more, but for one that was harvested before.
    void disarm(int descriptor);
    /// What is ready now; does not wait. Events beyond `events` come with the next call.
    std::size_t harvest(std::span<Event> events);
    /// Readable when there is something to harvest.
    int descriptor() const { return set_; }

private:
    struct Entry {
        connection_mark owner;
        std::uint64_t key = 0;
        Wait wait = Wait::nothing;  // nothing: perhaps not in the set
        bool armed = false;
    };
    void remove(int descriptor, Entry& entry);

    int set_ = -1;
    std::vector<Entry> entries_;  // by descriptor, which are small numbers
};

}  // namespace fairlead::dal

#pragma once

#include "dal/driver/server_session.h"
#include "dal/pool/backend_pool.h"

#include <optional>
#include <span>

namespace fairlead::dal {

/// A descriptor to wait for. -1 is passed over.
struct wait_entry {
    int descriptor = -1;
    Wait wanted = Wait::nothing;
    Wait ready = Wait::nothing;  // filled in; errors count as what was wanted, since reading tells the reason
};

/// Blocks until one of them is ready or it is `until` (nullopt: no limit), and fills in `ready` of each.
/// False: it was the time. Signals are no reason to return. Up to 8 descriptors cost no allocation.
bool wait_for(std::span<wait_entry> entries, std::optional<TimePoint> until);

/// What an idle connection's descriptor shows without being read.
enum class idle_sign : std::uint8_t {
    silent,  // as it should be
    data,    // the server sent something nobody asked for: often the word before it closes
    closed,
};
/// One system call, never waits.
idle_sign look_at_idle(int descriptor);

/// A descriptor that another thread can make readable. Owns it. raise() is thread-safe.
class wake_signal {
public:
    wake_signal();
    ~wake_signal();
    wake_signal(const wake_signal&) = delete;
    wake_signal& operator=(const wake_signal&) = delete;

    void raise();
    /// Takes it back, before what it told of is looked at.
    void lower();
    /// -1: the process has no descriptor left; then nobody is woken, and waits need a limit.
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/driver/server_session.h"
#include "dal/pool/backend_pool.h"
#include "fairlead/error.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace fairlead::dal {

/// What an operation needs before it can go on.
struct Step {
    enum class Kind : std::uint8_t {
        done,
        descriptor,  // wait until `descriptor` is ready for `wait`, then advance()
        wakeup,  // the function given to on_wakeup() will be called once (a connection was granted, or not)
    };
    Kind kind = Kind::done;
    Wait wait = Wait::nothing;
    int descriptor = -1;
    // Of a descriptor, so that it need not be registered for each wait: the ServerSession's own (null:
    // unknown), and whether all that had come was read before what is waited for could come.
    const connection_mark* connection = nullptr;
    bool all_read = false;

    static Step finished() { return {}; }
    static Step ready(int descriptor, Wait wait, const connection_mark* connection = nullptr,
                      bool all_read = false) {
        return {Kind::descriptor, wait, descriptor, connection, all_read};
    }
    static Step woken() { return {Kind::wakeup}; }
};

/// One call of the API as a machine that waits outside: the synchronous API drives it with poll() on the
/// calling thread, the asynchronous one on an executor. One thread at a time.
class Operation {
public:
    virtual ~Operation() = default;
    Operation() = default;
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    /// To be called before the first advance(). `wakeup` may be called on any thread, also before advance()
    /// has returned Step::woken(), and must be quick; at most once for each Step::woken(). Never once the
    /// operation is done (LeaseRequest sees to that).
    virtual void on_wakeup(std::function<void()> wakeup) = 0;
    /// Likewise: the calling thread has nothing else to do, and interrupt() will not be called.
    virtual void may_block() {}
    /// Begins, or goes on after a wait (`ready`: what the descriptor is ready for).
    virtual Step advance(Wait ready) = 0;
    /// Instead of advance(), while waiting or before the first: gives up with errc::deadline or
    /// errc::cancelled. The statement is cancelled on the server in the background; the operation is done.
    virtual void interrupt(errc why) = 0;

    /// When it has to be interrupted with errc::deadline.
    virtual std::optional<TimePoint> deadline() const = 0;
    /// After done.
    virtual const Diagnostics& failed() const = 0;
};

}  // namespace fairlead::dal

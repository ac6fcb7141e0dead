#pragma once

#include "dal/pool/backend_pool.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::dal {

/// Names to addresses, kept for a while. The system's resolver has no deadline, so each name that is not
/// known is asked for by a thread of its own, one a name at a time.
class resolver {
public:
    /// `answered`: called on another thread when an answer has come; look_up() gives it then. It may be
    /// called until the destructor returns.
    explicit resolver(std::function<void()> answered);
    /// Waits for threads under way, but no longer than a second: one that hangs is left to end by itself, and
    /// touches nothing of this process but what it shares with this class.
    ~resolver();
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    struct answer {
        bool pending = false;
        std::vector<std::string> addresses;  // numeric; a path for a unix socket
        std::string error;                   // when there are none
    };
    /// Addresses and paths are their own answer. `since`: when the caller's attempt began; an answer, or a
    /// failure, that has come since then is taken whatever its age, an earlier address for `ttl`. One thread
    /// at a time.
    answer look_up(const std::string& host, Duration ttl, TimePoint since, TimePoint now);
    /// The name may point elsewhere by now.
    void forget(const std::string& host);

private:
    struct shared_state;
    void ask(const std::string& host);

    std::shared_ptr<shared_state> state_;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/session/backend_runtime.h"

namespace fairlead::dal {

/// The lock around a call of a runtime's pool. Its end does what the pool then wants, and, without the lock,
/// tells whom it concerns: waiters, and the keeper.
class BackendRuntime::pool_call {
public:
    explicit pool_call(BackendRuntime& runtime)
        : now(std::chrono::steady_clock::now()), runtime_(runtime), lock_(runtime.mutex_) {}
    ~pool_call();
    pool_call(const pool_call&) = delete;
    pool_call& operator=(const pool_call&) = delete;

    const TimePoint now;
    wake_list woken;
    /// Destroyed without the lock.
    std::unique_ptr<ServerSession> doomed;

private:
    BackendRuntime& runtime_;
    std::unique_lock<std::mutex> lock_;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/session/lease_waiter.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace fairlead::dal {

/// The requests that stand in a pool's queue, by the cookie that the pool brings back with what becomes of
/// one: a place in a vector, since there is one more and one less for each call of a busy pool. One thread at
/// a time.
class waiting_calls {
public:
    /// The cookie of the request that is added next.
    std::uint64_t next() const { return free_.empty() ? waiters_.size() : free_.back(); }
    void add(std::shared_ptr<lease_waiter> waiter) {
        waiter->cookie = next();
        if (free_.empty()) {
            waiters_.push_back(std::move(waiter));
            return;
        }
        waiters_[free_.back()] = std::move(waiter);
        free_.pop_back();
    }
    /// `cookie` must be one that stands here.
    std::shared_ptr<lease_waiter> take(std::uint64_t cookie) {
        free_.push_back(cookie);
        return std::move(waiters_[cookie]);
    }
    std::vector<std::shared_ptr<lease_waiter>> take_all() {
        free_.clear();
        std::vector<std::shared_ptr<lease_waiter>> all = std::exchange(waiters_, {});
        std::erase(all, nullptr);
        return all;
    }

private:
    std::vector<std::shared_ptr<lease_waiter>> waiters_;  // null: free
    std::vector<std::uint64_t> free_;
};

}  // namespace fairlead::dal

#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace fairlead::dal {

/// One call at a time on what several must not use at once: a transaction, a stream and the transaction that
/// it belongs to. Held by the call that runs; a second one is told so instead of racing with it.
class call_turn {
public:
    using flag = std::shared_ptr<std::atomic<bool>>;

    static flag make_flag() { return std::make_shared<std::atomic<bool>>(false); }

    call_turn() = default;  ///< nobody's turn: nothing to keep apart
    /// Takes the turn if it is free: see held().
    explicit call_turn(flag taken) {
        if (!taken->exchange(true, std::memory_order_acquire)) taken_ = std::move(taken);
    }
    ~call_turn() {
        if (taken_) taken_->store(false, std::memory_order_release);
    }
    call_turn(call_turn&& other) noexcept : taken_(std::move(other.taken_)) {}
    call_turn& operator=(call_turn&& other) noexcept {
        std::swap(taken_, other.taken_);
        return *this;
    }

    bool held() const { return taken_ != nullptr; }

private:
    flag taken_;
};

}  // namespace fairlead::dal

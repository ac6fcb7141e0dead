#pragma once

#include "dal/pool/backend_pool.h"

#include <chrono>
#include <optional>

namespace fairlead::dal {

/// When the time of a call that begins now is over. 0: never, and so for what is beyond the clock, as
/// milliseconds::max() is. What is below 0, as a rest of time may be when it is computed, is over at once.
inline std::optional<TimePoint> deadline_after(std::chrono::milliseconds timeout) {
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 50);
    if (timeout.count() == 0 || timeout > longest) return std::nullopt;
    return std::chrono::steady_clock::now() + (timeout.count() < 0 ? std::chrono::milliseconds(0) : timeout);
}

}  // namespace fairlead::dal

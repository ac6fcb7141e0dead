#pragma once

#include "fairlead/error.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fairlead::dal {

/// What became of a statement, for counting. The order is that of names in dal/metrics.
inline constexpr std::size_t outcome_count = static_cast<std::size_t>(errc::conversion) + 1;

/// What is counted for one placement by all threads that call. Every member is thread-safe.
class placement_counters {
public:
    /// Upper bounds of the buckets of waits, inclusive; one more bucket holds everything above.
    static constexpr std::array<std::chrono::nanoseconds, 8> wait_bounds{
        std::chrono::microseconds{50},  std::chrono::microseconds{250}, std::chrono::milliseconds{1},
        std::chrono::milliseconds{5},   std::chrono::milliseconds{25},  std::chrono::milliseconds{100},
        std::chrono::milliseconds{500}, std::chrono::milliseconds{2500}};

    /// `outcome` errc{}: success.
    void count_statement(errc outcome) {
        statements_[static_cast<std::size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
    }
    std::uint64_t statements(errc outcome) const {
        return statements_[static_cast<std::size_t>(outcome)].load(std::memory_order_relaxed);
    }

    /// How long a call waited for its connection.
    void count_wait(std::chrono::nanoseconds waited) {
        std::size_t bucket = 0;
        while (bucket < wait_bounds.size() && waited > wait_bounds[bucket]) ++bucket;
        waits_[bucket].fetch_add(1, std::memory_order_relaxed);
        if (waited.count() > 0)
            wait_nanoseconds_.fetch_add(static_cast<std::uint64_t>(waited.count()),
                                        std::memory_order_relaxed);
    }
    std::uint64_t waits(std::size_t bucket) const { return waits_[bucket].load(std::memory_order_relaxed); }
    std::uint64_t wait_nanoseconds() const { return wait_nanoseconds_.load(std::memory_order_relaxed); }

private:
    std::array<std::atomic<std::uint64_t>, outcome_count> statements_{};
    std::array<std::atomic<std::uint64_t>, wait_bounds.size() + 1> waits_{};
    std::atomic<std::uint64_t> wait_nanoseconds_{0};
};

}  // namespace fairlead::dal

#pragma once

#include "dal/metrics/histogram_sample.h"
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
        if (waited.count() > 0) {  // most did not wait
            for (const auto bound : metrics::duration_bounds) bucket += waited > bound ? 1 : 0;
            wait_nanoseconds_.fetch_add(static_cast<std::uint64_t>(waited.count()),
                                        std::memory_order_relaxed);
        }
        waits_[bucket].fetch_add(1, std::memory_order_relaxed);
    }
    metrics::histogram_sample waits() const {
        metrics::histogram_sample sample;
        for (std::size_t i = 0; i < waits_.size(); ++i)
            sample.buckets[i] = waits_[i].load(std::memory_order_relaxed);
        sample.sum_nanoseconds = wait_nanoseconds_.load(std::memory_order_relaxed);
        return sample;
    }

private:
    std::array<std::atomic<std::uint64_t>, outcome_count> statements_{};
    std::array<std::atomic<std::uint64_t>, metrics::duration_bounds.size() + 1> waits_{};
    std::atomic<std::uint64_t> wait_nanoseconds_{0};
};

}  // namespace fairlead::dal

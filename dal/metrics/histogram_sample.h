#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fairlead::dal::metrics {

/// Upper bounds of the duration buckets, inclusive; one more bucket holds everything above the last. Dense
/// where pooled transactions live (50 us to 10 ms), coarse above; 1 s and 2.5 s stand around the default
/// pool_timeout.
inline constexpr std::array<std::chrono::nanoseconds, 14> duration_bounds{
    std::chrono::microseconds{50},   std::chrono::microseconds{100},  std::chrono::microseconds{250},
    std::chrono::microseconds{500},  std::chrono::microseconds{1000}, std::chrono::microseconds{2500},
    std::chrono::milliseconds{5},    std::chrono::milliseconds{10},   std::chrono::milliseconds{25},
    std::chrono::milliseconds{100},  std::chrono::milliseconds{250},  std::chrono::milliseconds{1000},
    std::chrono::milliseconds{2500}, std::chrono::milliseconds{10000}};

/// Plain copy of a histogram, which can be added to others.
struct histogram_sample {
    std::array<std::uint64_t, duration_bounds.size() + 1>
        buckets{};  // not cumulative; the last: above all bounds
    std::uint64_t sum_nanoseconds = 0;

    std::uint64_t count() const {
        std::uint64_t total = 0;
        for (std::uint64_t bucket : buckets) total += bucket;
        return total;
    }
    histogram_sample& operator+=(const histogram_sample& other) {
        for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
        sum_nanoseconds += other.sum_nanoseconds;
        return *this;
    }
};

}  // namespace fairlead::dal::metrics

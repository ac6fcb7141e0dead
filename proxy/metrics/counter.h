#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Counters for one writer: the worker that owns them. A write is a relaxed load and a relaxed store, so it
/// costs what a plain `+=` costs (no lock prefix, no shared cache line with other workers), and a reader on
/// any thread sees some recent value and no torn one. Two writers would lose increments: never share one
/// between workers.
namespace fairlead::proxy::metrics {

/// Grows only. Wraps at 2^64.
class counter {
public:
    void add(std::uint64_t amount = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down. Signed, so that a bookkeeping error shows as a negative number and not as 2^64.
class gauge {
public:
    void add(std::int64_t amount = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    void subtract(std::int64_t amount = 1) { add(-amount); }
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

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

/// Distribution of durations. record() takes a few nanoseconds, whatever the duration.
class histogram {
public:
    /// Negative durations (a clock read out of order) count as zero.
    void record(std::chrono::nanoseconds duration) {
        if (duration.count() < 0) duration = std::chrono::nanoseconds{0};
        // No early exit: durations of a mixed load make its branch a guess, and a wrong one costs more than
        // the scan.
        std::size_t bucket = 0;
        for (std::chrono::nanoseconds bound : duration_bounds) bucket += duration > bound ? 1 : 0;
        buckets_[bucket].add();
        sum_.add(static_cast<std::uint64_t>(duration.count()));
    }

    /// From another thread the buckets and the sum may be a record apart; each is a value that was true.
    histogram_sample sample() const {
        histogram_sample copy;
        for (std::size_t i = 0; i < buckets_.size(); ++i) copy.buckets[i] = buckets_[i].value();
        copy.sum_nanoseconds = sum_.value();
        return copy;
    }

private:
    std::array<counter, duration_bounds.size() + 1> buckets_;
    counter sum_;
};

}  // namespace fairlead::proxy::metrics

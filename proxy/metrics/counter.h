#pragma once

#include "dal/metrics/histogram_sample.h"

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

using dal::metrics::duration_bounds;
using dal::metrics::histogram_sample;

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

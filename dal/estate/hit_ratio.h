#pragma once

#include <cstdint>
#include <optional>

namespace fairlead::dal {

/// The share of block reads that the buffer cache served, from a server's ever-growing counters: since they
/// were last reset, and over the last interval. Without I/O and clock; not thread-safe.
class HitRatio {
public:
    /// The counters as read now. A counter that went back means that the server reset its statistics: what it
    /// shows then has all happened in this interval.
    void observe(std::uint64_t hit, std::uint64_t read);

    /// In [0, 1]; nullopt when nothing was read yet.
    std::optional<double> total() const { return ratio(hit_, read_); }
    /// nullopt before the second observation, and for an interval without any read.
    std::optional<double> interval() const { return ratio(interval_hit_, interval_read_); }

private:
    static std::optional<double> ratio(std::uint64_t hit, std::uint64_t read);

    bool observed_ = false;
    std::uint64_t hit_ = 0, read_ = 0;
    std::uint64_t interval_hit_ = 0, interval_read_ = 0;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/pool/backend_pool.h"
#include "dal/pool/index_list.h"

#include <vector>

namespace fairlead::dal {

/// Waiters in the order of their deadlines without sorting: with one timeout for all, the order of arrival is
/// the order of deadlines. A changed timeout starts a new line, so each line stays in order; lines that
/// emptied are dropped.
class wait_deadlines {
public:
    /// For waiters added from now on.
    void set_timeout(Duration timeout);
    void add(std::uint32_t waiter, TimePoint now);
    void remove(std::uint32_t waiter);

    /// A waiter whose time is over, or no_index.
    std::uint32_t first_due(TimePoint now) const;
    /// The one that waits longest, or no_index.
    std::uint32_t oldest() const;
    TimePoint since(std::uint32_t waiter) const { return entries_[waiter].since; }
    Duration timeout(std::uint32_t waiter) const {
        return lines_[entries_[waiter].line - first_line_].timeout;
    }

private:
    struct entry {
        TimePoint since{};
        std::uint64_t line = 0;
    };
    struct line {
        Duration timeout{};
        index_list waiters;
    };
    std::vector<line> lines_;
    std::uint64_t first_line_ = 0;  // number of lines_.front()
    std::vector<entry> entries_;
    list_links links_;
};

}  // namespace fairlead::dal

#include "dal/pool/wait_deadlines.h"

namespace fairlead::dal {

void wait_deadlines::set_timeout(Duration timeout) {
    if (lines_.empty() || lines_.back().timeout != timeout) lines_.push_back({timeout, {}});
}

void wait_deadlines::add(std::uint32_t waiter, TimePoint now) {
    grow_to(entries_, waiter);
    grow_to(links_, waiter);
    entries_[waiter] = {now, first_line_ + lines_.size() - 1};
    lines_.back().waiters.push_back(links_, waiter);
}

void wait_deadlines::remove(std::uint32_t waiter) {
    lines_[entries_[waiter].line - first_line_].waiters.remove(links_, waiter);
    while (lines_.size() > 1 && lines_.front().waiters.empty()) {
        lines_.erase(lines_.begin());
        ++first_line_;
    }
}

std::uint32_t wait_deadlines::first_due(TimePoint now) const {
    for (const line& waiting : lines_) {
        const std::uint32_t first = waiting.waiters.first;
        if (first != no_index && entries_[first].since + waiting.timeout <= now) return first;
    }
    return no_index;
}

std::uint32_t wait_deadlines::oldest() const {
    for (const line& waiting : lines_) {
        if (!waiting.waiters.empty()) return waiting.waiters.first;
    }
    return no_index;
}

}  // namespace fairlead::dal

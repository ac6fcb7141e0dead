#include "dal/pool/name_table.h"

#include <cassert>

namespace fairlead::dal {

std::uint32_t name_table::enter(std::string_view name, bool& fresh) {
    auto found = by_name_.find(name);
    fresh = found == by_name_.end();
    if (!fresh) {
        ++entries_[found->second].entered;
        return found->second;
    }
    std::uint32_t slot = static_cast<std::uint32_t>(entries_.size());
    if (free_.empty()) {
        entries_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    auto added = by_name_.emplace(std::string(name), slot).first;
    entries_[slot] = {&added->first, 1, 0};
    return slot;
}

void name_table::leave(std::uint32_t slot) {
    assert(entered(slot));
    if (!entered(slot)) return;
    --entries_[slot].entered;
    free_if_unused(slot);
}

void name_table::unhold(std::uint32_t slot) {
    assert(contains(slot) && entries_[slot].held != 0);
    --entries_[slot].held;
    free_if_unused(slot);
}

void name_table::free_if_unused(std::uint32_t slot) {
    entry& unused = entries_[slot];
    if (unused.entered != 0 || unused.held != 0) return;
    by_name_.erase(by_name_.find(*unused.name));
    unused = {};
    free_.push_back(slot);
}

}  // namespace fairlead::dal

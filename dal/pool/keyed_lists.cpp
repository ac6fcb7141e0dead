#include "dal/pool/keyed_lists.h"

#include <cassert>

namespace fairlead::dal {

std::size_t keyed_lists::home(std::uint64_t key) const {
    key = (key ^ (key >> 32)) * 0x9e3779b97f4a7c15u;
    return static_cast<std::size_t>(key >> 32) & (cells_.size() - 1);
}

/// The cell of `key`, or the free cell where it would go.
std::size_t keyed_lists::find(std::uint64_t key) const {
    std::size_t at = home(key);
    while (!cells_[at].items.empty() && cells_[at].key != key) at = (at + 1) & (cells_.size() - 1);
    return at;
}

void keyed_lists::push_front(std::uint64_t key, std::uint32_t item) {
    grow_to(links_, item);
    if (used_ * 2 >= cells_.size()) rehash(cells_.size() * 2);
    cell& place = cells_[find(key)];
    if (place.items.empty()) {
        place.key = key;
        ++used_;
    }
    place.items.push_front(links_, item);
}

void keyed_lists::remove(std::uint64_t key, std::uint32_t item) {
    const std::size_t at = find(key);
    assert(!cells_[at].items.empty());
    cells_[at].items.remove(links_, item);
    if (cells_[at].items.empty()) free_cell(at);
}

std::uint32_t keyed_lists::first(std::uint64_t key) const {
    return cells_[find(key)].items.first;
}

/// Closes the gap: every later cell of the same run that may stand nearer to its home moves into it.
void keyed_lists::free_cell(std::size_t gap) {
    const std::size_t mask = cells_.size() - 1;
    --used_;
    for (std::size_t at = (gap + 1) & mask; !cells_[at].items.empty(); at = (at + 1) & mask) {
        const std::size_t from_home = (at - home(cells_[at].key)) & mask;
        if (from_home < ((at - gap) & mask)) continue;
        cells_[gap] = cells_[at];
        gap = at;
    }
    cells_[gap] = {};
}

void keyed_lists::rehash(std::size_t size) {
    std::vector<cell> old(size);
    old.swap(cells_);
    for (const cell& moving : old) {
        if (!moving.items.empty()) cells_[find(moving.key)] = moving;
    }
}

}  // namespace fairlead::dal

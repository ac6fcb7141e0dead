#pragma once

#include "dal/pool/index_list.h"

#include <cstdint>
#include <vector>

namespace fairlead::dal {

/// Lists of items by a 64-bit key, most recently added first; all operations O(1). A key exists while its
/// list has an item. Open addressing with shift-back deletion, so that keys come and go without allocation or
/// tombstones.
class keyed_lists {
public:
    static std::uint64_t key(std::uint32_t high, std::uint32_t low) {
        return std::uint64_t{high} << 32 | low;
    }

    void push_front(std::uint64_t key, std::uint32_t item);
    /// `item` must be in the list of `key`.
    void remove(std::uint64_t key, std::uint32_t item);
    /// Most recently added, or no_index.
    std::uint32_t first(std::uint64_t key) const;
    std::uint32_t next(std::uint32_t item) const { return links_[item].next; }
    std::size_t keys() const { return used_; }

private:
    struct cell {
        std::uint64_t key = 0;
        index_list items;  // empty: the cell is free
    };
    std::size_t home(std::uint64_t key) const;
    std::size_t find(std::uint64_t key) const;
    void free_cell(std::size_t at);
    void rehash(std::size_t size);

    std::vector<cell> cells_ = std::vector<cell>(16);
    std::size_t used_ = 0;
    list_links links_;
};

}  // namespace fairlead::dal

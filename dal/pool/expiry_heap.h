#pragma once

#include "dal/pool/backend_pool.h"
#include "dal/pool/index_list.h"

#include <vector>

namespace fairlead::dal {

/// Connections by the time their life ends (each drew its own). Binary heap that knows every item's place:
/// add and remove are O(log n) and happen once in a connection's life; looking at the next is O(1).
class expiry_heap {
public:
    void add(std::uint32_t item, TimePoint at);
    /// Nothing happens when it is not in the heap.
    void remove(std::uint32_t item);
    bool contains(std::uint32_t item) const { return item < place_.size() && place_[item] != no_index; }
    bool any_due(TimePoint now) const { return !heap_.empty() && heap_.front().at <= now; }
    std::uint32_t first() const { return heap_.front().item; }
    std::size_t size() const { return heap_.size(); }

private:
    struct node {
        TimePoint at;
        std::uint32_t item;
    };
    void put(std::size_t place, node moved);
    void rise(std::size_t place);
    void sink(std::size_t place);

    std::vector<node> heap_;
    std::vector<std::uint32_t> place_;
};

}  // namespace fairlead::dal

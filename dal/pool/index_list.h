#pragma once

#include <cstdint>
#include <vector>

namespace fairlead::dal {

inline constexpr std::uint32_t no_index = UINT32_MAX;

struct list_link {
    std::uint32_t previous = no_index;
    std::uint32_t next = no_index;
};
using list_links = std::vector<list_link>;

/// Makes `items[index]` exist.
template <typename T>
void grow_to(std::vector<T>& items, std::uint32_t index) {
    if (index >= items.size()) items.resize(index + 1);
}

/// Doubly linked list of indexes; the links stand in an array of their own, so one item can be in several
/// lists (one array for each) and moving it costs no allocation. An item is in at most one list per array:
/// the owner knows which.
struct index_list {
    std::uint32_t first = no_index;
    std::uint32_t last = no_index;

    bool empty() const { return first == no_index; }

    void push_back(list_links& links, std::uint32_t item) {
        links[item] = {last, no_index};
        (last == no_index ? first : links[last].next) = item;
        last = item;
    }
    void push_front(list_links& links, std::uint32_t item) {
        links[item] = {no_index, first};
        (first == no_index ? last : links[first].previous) = item;
        first = item;
    }
    void remove(list_links& links, std::uint32_t item) {
        const list_link link = links[item];
        (link.previous == no_index ? first : links[link.previous].next) = link.next;
        (link.next == no_index ? last : links[link.next].previous) = link.previous;
        links[item] = {};
    }
};

}  // namespace fairlead::dal

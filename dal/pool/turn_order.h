#pragma once

#include "dal/pool/index_list.h"

#include <array>
#include <bit>
#include <cstdint>

namespace fairlead::dal {

/// Waiting tenants by the round in which their next turn lies, FIFO within a round. Rounds of tenants in it
/// lie within `window` of each other, so a round's list is found by its number modulo window, and the first
/// non-empty one by one bit operation: O(1) for everything.
class turn_order {
public:
    static constexpr std::uint64_t window = 8;

    void push(list_links& links, std::uint32_t tenant, std::uint64_t round) {
        rounds_[round % window].push_back(links, tenant);
        occupied_ = static_cast<std::uint8_t>(occupied_ | 1u << round % window);
        ++size_;
    }
    void remove(list_links& links, std::uint32_t tenant, std::uint64_t round) {
        index_list& list = rounds_[round % window];
        list.remove(links, tenant);
        if (list.empty()) occupied_ = static_cast<std::uint8_t>(occupied_ & ~(1u << round % window));
        --size_;
    }
    /// First round with a tenant, counted from `from`, which no tenant in it may precede. Not for an empty
    /// one.
    std::uint64_t first_round(std::uint64_t from) const {
        const auto shift = static_cast<int>(from % window);
        return from + static_cast<std::uint64_t>(std::countr_zero(std::rotr(occupied_, shift)));
    }
    std::uint32_t first(std::uint64_t from) const {
        return size_ == 0 ? no_index : rounds_[first_round(from) % window].first;
    }
    /// The first of the first `most` in order for which `wanted` holds; no_index: none. `from` as above.
    template <typename Predicate>
    std::uint32_t find(const list_links& links, std::uint64_t from, unsigned most, Predicate wanted) const {
        for (std::uint64_t round = from; round < from + window; ++round) {
            for (std::uint32_t tenant = rounds_[round % window].first; tenant != no_index;
                 tenant = links[tenant].next) {
                if (wanted(tenant)) return tenant;
                if (--most == 0) return no_index;
            }
        }
        return no_index;
    }
    std::uint32_t size() const { return size_; }

private:
    std::array<index_list, window> rounds_;
    std::uint8_t occupied_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace fairlead::dal

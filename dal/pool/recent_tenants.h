#pragma once

#include "dal/pool/index_list.h"

#include <algorithm>
#include <array>
#include <vector>

namespace fairlead::dal {

/// Which tenants a connection served lately, by their numbers: as far as one can tell from here, what was
/// prepared for them is still there. A hint: a number may have become another tenant's meanwhile.
class recent_tenants {
public:
    static constexpr std::size_t kept = 16;

    void note(std::uint32_t connection, std::uint32_t tenant) {
        while (connection >= lists_.size()) lists_.emplace_back().fill(no_index);
        auto& list = lists_[connection];
        auto known = std::find(list.begin(), list.end() - 1, tenant);
        std::move_backward(list.begin(), known, known + 1);
        list[0] = tenant;
    }
    bool knows(std::uint32_t connection, std::uint32_t tenant) const {
        if (connection >= lists_.size()) return false;
        const auto& list = lists_[connection];
        return std::find(list.begin(), list.end(), tenant) != list.end();
    }
    /// Its number is another connection's from now on.
    void forget(std::uint32_t connection) {
        if (connection < lists_.size()) lists_[connection].fill(no_index);
    }

private:
    std::vector<std::array<std::uint32_t, kept>> lists_;  // latest first
};

}  // namespace fairlead::dal

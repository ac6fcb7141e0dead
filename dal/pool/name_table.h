#pragma once

#include "dal/pool/index_list.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fairlead::dal {

/// Interned names with counted use. A slot lives as long as somebody entered it or the pool itself holds it
/// (a waiter, a connection that last served it); then the number is used again. So memory follows the active
/// names only.
class name_table {
public:
    /// `fresh` is set when the slot was not in use before: state kept elsewhere under this number must be
    /// reset.
    std::uint32_t enter(std::string_view name, bool& fresh);
    void leave(std::uint32_t slot);

    void hold(std::uint32_t slot) { ++entries_[slot].held; }
    void unhold(std::uint32_t slot);

    bool contains(std::uint32_t slot) const { return slot < entries_.size() && entries_[slot].in_use(); }
    bool entered(std::uint32_t slot) const { return contains(slot) && entries_[slot].entered != 0; }
    std::string_view name(std::uint32_t slot) const { return *entries_[slot].name; }
    std::size_t size() const { return by_name_.size(); }

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct entry {
        const std::string* name = nullptr;  // key of by_name_; a node, so its address is stable
        std::uint32_t entered = 0;
        std::uint32_t held = 0;
        bool in_use() const { return name != nullptr; }
    };
    void free_if_unused(std::uint32_t slot);

    std::unordered_map<std::string, std::uint32_t, hash, std::equal_to<>> by_name_;
    std::vector<entry> entries_;
    std::vector<std::uint32_t> free_;
};

}  // namespace fairlead::dal

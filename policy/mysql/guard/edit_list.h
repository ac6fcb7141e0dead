#pragma once

#include "policy/splice.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead::policy::mysql::guard {

/// The changes of one text, in any order, made into splices. What is put around a range knows the range's
/// other end, so that nested ranges which begin or end at the same token come out nested.
class edit_list {
public:
    /// In front of the range [first, end).
    void before(std::uint32_t first, std::uint32_t end, std::string text);
    /// Behind the range [first, end).
    void behind(std::uint32_t first, std::uint32_t end, std::string text);
    void around(std::uint32_t first, std::uint32_t end, std::string opening, std::string closing);
    /// Instead of the range. Ranges that are replaced must not overlap.
    void replace(std::uint32_t first, std::uint32_t end, std::string text);

    bool empty() const { return edits_.empty(); }
    /// Some change lies within [first, end) or at its ends, inside of it.
    bool touches(std::uint32_t first, std::uint32_t end) const;
    /// Ascending, at most one for a position.
    std::vector<Splice> take();

private:
    enum class side : std::uint8_t { behind, before, instead };
    struct edit {
        std::uint32_t at;
        std::uint32_t other;
        side where;
        std::uint32_t order;
        std::string text;
    };
    void add(std::uint32_t at, std::uint32_t other, side where, std::string text);
    static bool precedes(const edit& a, const edit& b);

    std::vector<edit> edits_;
};

}  // namespace fairlead::policy::mysql::guard

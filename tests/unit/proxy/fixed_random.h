#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

/// Sources of "random" bytes that make a login say the same each time.
namespace fairlead::proxy::test {

inline bool ones(std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), std::uint8_t{1});
    return true;
}

inline bool twos(std::span<std::uint8_t> out) {
    std::fill(out.begin(), out.end(), std::uint8_t{2});
    return true;
}

}  // namespace fairlead::proxy::test

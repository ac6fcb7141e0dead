#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fairlead::policy::mysql {

namespace detail {

constexpr bool continues(char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80;
}

}  // namespace detail

/// Bytes of the first character of `text`, which begins with a byte from 0x80: 2 or 3. 0 when no name may
/// hold it: not UTF-8, overlong, a surrogate, or beyond the first plane (the server's dictionary cannot).
constexpr std::size_t name_character(std::string_view text) {
    auto first = static_cast<std::uint8_t>(text[0]);
    if (text.size() < 2 || !detail::continues(text[1])) return 0;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first < 0xE0 || first > 0xEF || text.size() < 3 || !detail::continues(text[2])) return 0;
    auto second = static_cast<std::uint8_t>(text[1]);
    bool overlong = first == 0xE0 && second < 0xA0;
    bool surrogate = first == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
}

/// Bytes of the first character of `text`, which begins with a byte from 0x80: 2 to 4. 0 when it is no UTF-8.
constexpr std::size_t utf8_character(std::string_view text) {
    if (std::size_t size = name_character(text); size != 0) return size;
    auto first = static_cast<std::uint8_t>(text[0]);
    if (first < 0xF0 || first > 0xF4 || text.size() < 4) return 0;
    if (!detail::continues(text[1]) || !detail::continues(text[2]) || !detail::continues(text[3])) return 0;
    auto second = static_cast<std::uint8_t>(text[1]);
    bool overlong = first == 0xF0 && second < 0x90;
    bool beyond = first == 0xF4 && second > 0x8F;
    return overlong || beyond ? 0 : 4;
}

constexpr bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        std::size_t size = static_cast<std::uint8_t>(text[0]) < 0x80 ? 1 : utf8_character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace fairlead::policy::mysql

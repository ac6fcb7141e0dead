#include "proxy/auth/base64.h"

#include <array>
#include <cstdint>

namespace fairlead::proxy::auth {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(invalid);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr auto values = make_values();

/// Four characters, the last `padding` of them '=', to 3 - padding bytes.
bool decode_group(std::string_view group, std::size_t padding, std::string& out) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint8_t value = i < 4 - padding ? values[static_cast<unsigned char>(group[i])] : 0;
        if (value == invalid) return false;
        bits = bits << 6 | value;
    }
    // Bits that padding makes unused must be zero, or two texts would stand for one value.
    if (padding > 0 && (bits & ((1u << 8 * padding) - 1)) != 0) return false;
    for (std::size_t i = 0; i < 3 - padding; ++i) out.push_back(static_cast<char>(bits >> (16 - 8 * i)));
    return true;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            out.push_back(i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 63] : '=');
    }
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        std::string_view group = text.substr(at, 4);
        std::size_t padding = 0;
        if (at + 4 == text.size()) padding = group[3] != '=' ? 0 : group[2] != '=' ? 1 : 2;
        if (!decode_group(group, padding, out)) return std::nullopt;
    }
    return out;
}

}  // namespace fairlead::proxy::auth

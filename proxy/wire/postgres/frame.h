#pragma once

#include "common/bytes.h"

#include <cstdint>

/// Framing of the PostgreSQL frontend/backend protocol
/// (https://www.postgresql.org/docs/15/protocol-message-formats.html). Stateless; safe on any bytes.
namespace fairlead::proxy::postgres {

inline constexpr std::size_t header_size = 5;  // type byte, then a length that counts itself but not the type
inline constexpr std::uint32_t max_message_length = 0x3fffffff;  // the server's own limit, 1 GiB - 1

/// The header of a typed message (everything after start-up).
struct FrameHeader {
    char type = 0;
    std::uint32_t body_length = 0;  // without header
    std::size_t total() const { return header_size + body_length; }
};

enum class Decode : std::uint8_t { ok, need_more, malformed };

/// Reads a header from the front of `input`. `malformed`: the length is below 4 or above
/// `max_message_length`.
inline Decode read_header(Bytes input, FrameHeader& header) {
    if (input.size() < header_size) return Decode::need_more;
    auto length = load_big_endian<std::uint32_t>(input.data() + 1);
    if (length < 4 || length > max_message_length) return Decode::malformed;
    header = {static_cast<char>(input[0]), length - 4};
    return Decode::ok;
}

}  // namespace fairlead::proxy::postgres

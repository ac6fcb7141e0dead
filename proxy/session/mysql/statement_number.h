#pragma once

#include "proxy/session/mysql/error_words.h"
#include "proxy/wire/mysql/field.h"
#include "proxy/wire/mysql/packet.h"

#include <cstdint>
#include <string>
#include <string_view>

/// Where the commands of binary prepared statements have the statement's id, and what is said of unknown
/// ones.
namespace fairlead::proxy::mysql {

inline constexpr std::size_t id_begin = packet_header_size + 1;
inline constexpr std::size_t id_end = id_begin + 4;

/// `message` holds at least `id_end` bytes.
inline std::uint32_t id_in(Bytes message) {
    return field_reader(message.subspan(id_begin)).u32().value_or(0);
}

inline std::string unknown_statement(std::uint32_t id, std::string_view command) {
    return "Unknown prepared statement handler (" + std::to_string(id) + ") given to " + std::string(command);
}
inline constexpr error_number unknown_handler{1243, "HY000"};

}  // namespace fairlead::proxy::mysql

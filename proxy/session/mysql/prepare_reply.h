#pragma once

#include "proxy/wire/mysql/capabilities.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The answer to COM_STMT_PREPARE, kept as the server sent it (with deprecate_eof): the packets' payloads,
/// each with three bytes of length in front, the first one with its numbers
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_prepare.html).
namespace fairlead::proxy::mysql {

struct prepare_head {
    std::uint32_t id = 0;  // the server's
    std::uint16_t columns = 0;
    std::uint16_t parameters = 0;
    std::uint16_t warnings = 0;
};
/// The first packet's payload. nullopt: malformed.
std::optional<prepare_head> parse_prepare_head(std::string_view payload);

void keep_packet(std::string& kept, std::string_view payload);
/// Of a kept answer.
std::optional<prepare_head> head_of(std::string_view kept);

/// Appends the answer with our id for the statement. `kept` must be whole.
void append_prepare_reply(std::string& out, std::uint8_t& sequence, std::string_view kept, std::uint32_t id,
                          std::uint16_t status, capability_set capabilities);

}  // namespace fairlead::proxy::mysql

#pragma once

#include "common/bytes.h"
#include "proxy/wire/mysql/capabilities.h"
#include "proxy/wire/mysql/status_flags.h"

#include <optional>
#include <string>
#include <string_view>

/// OK packets, and the EOF packets that they replace under `deprecate_eof`
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html).
namespace fairlead::proxy::mysql {

inline constexpr std::uint8_t ok_header = 0x00;
inline constexpr std::uint8_t eof_header = 0xfe;

/// Texts point into the packet it was parsed from.
struct ok_packet {
    std::uint64_t affected_rows = 0;
    std::uint64_t last_insert_id = 0;
    std::uint16_t status = status::autocommit;
    std::uint16_t warnings = 0;
    std::string_view info = {};
    /// For session_change_reader; empty when the status has no `session_state_changed`.
    std::string_view session_state = {};
};

/// The payload of an OK packet as the side that negotiated `capabilities` sends it. The first byte (0x00, or
/// 0xfe behind rows) is not looked at: what it means is a matter of state, the caller's. nullopt: malformed.
std::optional<ok_packet> parse_ok(Bytes payload, capability_set capabilities);

/// One packet. Session state goes out only to a side that negotiated `session_track`, and the status bit that
/// announces it is set or cleared to match. `header`: eof_header behind rows under `deprecate_eof`.
void append_ok(std::string& out, std::uint8_t& sequence, const ok_packet& ok, capability_set capabilities,
               std::uint8_t header = ok_header);

/// An EOF packet of five bytes, without `deprecate_eof`.
struct eof_packet {
    std::uint16_t status = status::autocommit;
    std::uint16_t warnings = 0;
};
/// A payload that begins with 0xfe where rows are expected: an end, or a row whose first column has 16 MB or
/// more? Under `deprecate_eof` the end is an OK packet of any length below 16 MB; else it has five bytes.
constexpr bool is_end_of_rows(std::uint8_t first, std::size_t payload_size, capability_set capabilities) {
    return first == eof_header &&
           payload_size < (has(capabilities, capability::deprecate_eof) ? 0xffffffu : 9u);
}
std::optional<eof_packet> parse_eof(Bytes payload);
void append_eof(std::string& out, std::uint8_t& sequence, const eof_packet& eof);

/// The end of columns or rows as the receiver wants it. Behind columns there is nothing under
/// `deprecate_eof`: do not call it then.
void append_end_of_rows(std::string& out, std::uint8_t& sequence, const ok_packet& end,
                        capability_set capabilities);

}  // namespace fairlead::proxy::mysql

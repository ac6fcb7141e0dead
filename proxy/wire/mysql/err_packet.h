#pragma once

#include "common/bytes.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// ERR packets (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html) and
/// MariaDB's progress reports, which look alike (https://mariadb.com/kb/en/progress-reporting/).
namespace fairlead::proxy::mysql {

inline constexpr std::uint8_t err_header = 0xff;

/// Texts point into the packet.
struct err_packet {
    std::uint16_t code = 1105;  // ER_UNKNOWN_ERROR
    std::string_view sqlstate = "HY000";
    std::string_view message = {};
};

/// 0xff 0xffff: not an error, and not the end of an answer. Comes only to a side that negotiated
/// `mariadb_progress`.
constexpr std::uint16_t progress_code = 0xffff;

bool is_progress(Bytes payload);

/// nullopt: no ERR packet (progress reports are none), or cut short. The SQLSTATE is "HY000" where the packet
/// has none or one that is not five letters and digits.
std::optional<err_packet> parse_err(Bytes payload);

/// One packet, with SQLSTATE (which must have five characters).
void append_err(std::string& out, std::uint8_t& sequence, const err_packet& err);

/// What we answer with, by its meaning (https://mariadb.com/kb/en/mariadb-error-code-reference/).
struct error_number {
    std::uint16_t code;
    std::string_view sqlstate;
};
namespace errors {
inline constexpr error_number too_many_connections{1040, "08004"};
inline constexpr error_number bad_handshake{1043, "08S01"};
inline constexpr error_number database_access_denied{1044, "42000"};
inline constexpr error_number access_denied{1045, "28000"};
inline constexpr error_number unknown_command{1047, "08S01"};
inline constexpr error_number unknown_database{1049, "42000"};
inline constexpr error_number server_shutdown{1053, "08S01"};
inline constexpr error_number parse_error{1064, "42000"};
inline constexpr error_number unknown_error{1105, "HY000"};
inline constexpr error_number packet_too_large{1153, "08S01"};
inline constexpr error_number packets_out_of_order{1156, "08S01"};
inline constexpr error_number not_supported_yet{1235, "42000"};
inline constexpr error_number malformed_packet{1835, "HY000"};
}  // namespace errors

inline void append_err(std::string& out, std::uint8_t& sequence, error_number number,
                       std::string_view message) {
    append_err(out, sequence, err_packet{number.code, number.sqlstate, message});
}

}  // namespace fairlead::proxy::mysql

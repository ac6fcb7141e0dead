#pragma once

#include <cstdint>

/// SERVER_STATUS_*, in OK and EOF packets
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/mysql__com_8h.html).
namespace fairlead::proxy::mysql::status {

inline constexpr std::uint16_t in_transaction = 0x0001;
inline constexpr std::uint16_t autocommit = 0x0002;
inline constexpr std::uint16_t more_results = 0x0008;
inline constexpr std::uint16_t no_good_index_used = 0x0010;
inline constexpr std::uint16_t no_index_used = 0x0020;
inline constexpr std::uint16_t cursor_exists = 0x0040;
inline constexpr std::uint16_t last_row_sent = 0x0080;
inline constexpr std::uint16_t database_dropped = 0x0100;
inline constexpr std::uint16_t no_backslash_escapes = 0x0200;
inline constexpr std::uint16_t metadata_changed = 0x0400;
inline constexpr std::uint16_t query_was_slow = 0x0800;
inline constexpr std::uint16_t out_parameters = 0x1000;
inline constexpr std::uint16_t in_readonly_transaction = 0x2000;
inline constexpr std::uint16_t session_state_changed = 0x4000;
/// MariaDB only. Stays set after a routine that changed sql_mode and put it back (measured on 10.11): never
/// lex by it.
inline constexpr std::uint16_t ansi_quotes = 0x8000;

}  // namespace fairlead::proxy::mysql::status

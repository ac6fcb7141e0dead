#pragma once

#include "policy/mysql/lex_mode.h"

#include <cstdint>

namespace fairlead::proxy::mysql {

/// The low 32 bits are CLIENT_* as MySQL and MariaDB share them; the high 32 are MariaDB's extended ones,
/// which travel in bytes that MySQL fills with zeros, and only when `long_password` (MariaDB calls it
/// CLIENT_MYSQL) is off on that side.
using capability_set = std::uint64_t;

/// https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html and
/// https://mariadb.com/kb/en/connection/#capabilities
namespace capability {
inline constexpr capability_set long_password = 1u << 0;
inline constexpr capability_set found_rows = 1u << 1;
inline constexpr capability_set long_flag = 1u << 2;
inline constexpr capability_set connect_with_db = 1u << 3;
inline constexpr capability_set no_schema = 1u << 4;
inline constexpr capability_set compress = 1u << 5;
inline constexpr capability_set odbc = 1u << 6;
inline constexpr capability_set local_files = 1u << 7;
inline constexpr capability_set ignore_space = 1u << 8;
inline constexpr capability_set protocol_41 = 1u << 9;
inline constexpr capability_set interactive = 1u << 10;
inline constexpr capability_set ssl = 1u << 11;
inline constexpr capability_set ignore_sigpipe = 1u << 12;
inline constexpr capability_set transactions = 1u << 13;
inline constexpr capability_set secure_connection = 1u << 15;
inline constexpr capability_set multi_statements = 1u << 16;
inline constexpr capability_set multi_results = 1u << 17;
inline constexpr capability_set ps_multi_results = 1u << 18;
inline constexpr capability_set plugin_auth = 1u << 19;
inline constexpr capability_set connect_attrs = 1u << 20;
inline constexpr capability_set plugin_auth_lenenc = 1u << 21;
inline constexpr capability_set expired_passwords = 1u << 22;
inline constexpr capability_set session_track = 1u << 23;
inline constexpr capability_set deprecate_eof = 1u << 24;
inline constexpr capability_set optional_metadata = 1u << 25;
inline constexpr capability_set zstd_compression = 1u << 26;
inline constexpr capability_set query_attributes = 1u << 27;

inline constexpr capability_set mariadb_progress = capability_set{1} << 32;
inline constexpr capability_set mariadb_com_multi = capability_set{1} << 33;
inline constexpr capability_set mariadb_bulk_operations = capability_set{1} << 34;
inline constexpr capability_set mariadb_extended_types = capability_set{1} << 35;
inline constexpr capability_set mariadb_cache_metadata = capability_set{1} << 36;
inline constexpr capability_set mariadb_bulk_unit_results = capability_set{1} << 37;
inline constexpr capability_set mariadb_all = ~capability_set{0xffffffff};
}  // namespace capability

constexpr bool has(capability_set set, capability_set wanted) {
    return (set & wanted) == wanted;
}

/// What every client is offered: only what the session handles. Left out on purpose: no_schema and
/// ignore_space (they change how texts are read), expired_passwords, optional_metadata and query_attributes
/// (they change the layout of packets that the relay reads), MariaDB's progress, COM_MULTI, extended types
/// and metadata cache.
inline constexpr capability_set offered_to_every_client =
    capability::found_rows | capability::long_flag | capability::connect_with_db | capability::local_files |
    capability::protocol_41 | capability::interactive | capability::transactions |
    capability::secure_connection | capability::multi_statements | capability::multi_results |
    capability::ps_multi_results | capability::plugin_auth | capability::connect_attrs |
    capability::plugin_auth_lenenc | capability::session_track | capability::deprecate_eof |
    capability::compress | capability::zstd_compression;

/// As a server of this flavour offers it; `ssl` where TLS is on offer.
constexpr capability_set offered_to_clients(policy::mysql::flavour flavour, bool tls) {
    capability_set offered = offered_to_every_client | (tls ? capability::ssl : 0);
    if (flavour == policy::mysql::flavour::mysql) return offered | capability::long_password;
    return offered | capability::mariadb_bulk_operations;
}

/// What we ask of servers, as far as they have it. TLS, database and found_rows are decided by login.
inline constexpr capability_set asked_of_servers =
    capability::long_password | capability::long_flag | capability::local_files | capability::protocol_41 |
    capability::transactions | capability::secure_connection | capability::multi_statements |
    capability::multi_results | capability::ps_multi_results | capability::plugin_auth |
    capability::connect_attrs | capability::plugin_auth_lenenc | capability::session_track |
    capability::deprecate_eof;

}  // namespace fairlead::proxy::mysql

#pragma once

#include <cstdint>

namespace fairlead::proxy::mysql {

/// The first byte of a client's message
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html). Values that are not
/// listed exist on no server that is supported.
enum class command : std::uint8_t {
    sleep = 0x00,  // internal to servers
    quit = 0x01,
    init_db = 0x02,
    query = 0x03,
    field_list = 0x04,
    create_db = 0x05,
    drop_db = 0x06,
    refresh = 0x07,
    shutdown = 0x08,
    statistics = 0x09,
    process_info = 0x0a,
    connect = 0x0b,  // internal
    process_kill = 0x0c,
    debug = 0x0d,
    ping = 0x0e,
    time = 0x0f,            // internal
    delayed_insert = 0x10,  // internal
    change_user = 0x11,
    binlog_dump = 0x12,
    table_dump = 0x13,
    connect_out = 0x14,  // internal
    register_slave = 0x15,
    stmt_prepare = 0x16,
    stmt_execute = 0x17,
    stmt_send_long_data = 0x18,  // no reply
    stmt_close = 0x19,           // no reply
    stmt_reset = 0x1a,
    set_option = 0x1b,
    stmt_fetch = 0x1c,
    daemon = 0x1d,  // internal
    binlog_dump_gtid = 0x1e,
    reset_connection = 0x1f,
    clone = 0x20,                        // MySQL 8
    subscribe_group_replication = 0x21,  // MySQL 8
    // MariaDB
    stmt_bulk_execute = 0xfa,
    slave_worker = 0xfb,  // internal
    slave_io = 0xfc,      // internal
    slave_sql = 0xfd,     // internal
    multi = 0xfe,         // only with mariadb_com_multi
};

/// "The last prepared statement of this connection" (MariaDB).
inline constexpr std::uint32_t last_prepared_statement = 0xffffffff;

/// The argument of COM_SET_OPTION.
enum class set_option : std::uint16_t { multi_statements_on = 0, multi_statements_off = 1 };

}  // namespace fairlead::proxy::mysql

#pragma once

#include "dal/driver/mysql/connection.h"

#include <cstdint>
#include <string>

namespace fairlead::dal::mysql {

/// What decides how the server reads a text, whatever the database.
struct ServerFacts {
    policy::mysql::flavour flavour = policy::mysql::flavour::mariadb;
    std::uint32_t version = 0;  // 101119 is 10.11.19
    /// 0: names of tables and databases are compared by bytes; 1, 2: without regard to case.
    std::uint8_t lower_case_table_names = 0;
    std::string sql_mode;  // with which sessions of this account begin: "STRICT_TRANS_TABLES,..."
    /// Functions that somebody stored and this account may see; the server's own do not count.
    bool stored_functions = true;
    std::string account;  // as the server found it: 'fairlead_app'@'%', quoted
};

/// One round trip. The connection must be as the server gave it: sql_mode not changed.
SqlResult<ServerFacts> read_server_facts(Connection& connection);

}  // namespace fairlead::dal::mysql

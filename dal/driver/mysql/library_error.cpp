#include "dal/driver/mysql/library_error.h"

#include "dal/driver/server_error.h"

#include <mysql.h>
#include <mysqld_error.h>

#include <algorithm>
#include <array>
#include <errmsg.h>
#include <string>

namespace fairlead::dal::mysql {
namespace {

/// MySQL's ER_SESSION_WAS_KILLED and ER_CLIENT_INTERACTION_TIMEOUT, which MariaDB's header does not have.
constexpr std::uint32_t session_was_killed = 3169;
constexpr std::uint32_t client_interaction_timeout = 4031;

Diagnostics describe(std::uint32_t code, const char* sqlstate, const char* text) {
    if (code == 0) return connection_error("the client library failed and does not say why");
    if (code == refused_file_request) {
        Diagnostics out;
        out.set(errc::usage);
        out.message = text;
        return out;
    }
    if (is_library_error(code)) return connection_error(text);
    Diagnostics out = server_error(sqlstate, text, {}, code);
    if (ends_connection(code)) out.set(errc::connection);
    return out;
}

}  // namespace

bool is_library_error(std::uint32_t code) {
    return (code >= CR_MIN_ERROR && code <= CR_MAX_ERROR) || IS_MARIADB_ERROR(code);
}

bool ends_connection(std::uint32_t code) {
    static constexpr std::array last_words{std::uint32_t{ER_CONNECTION_KILLED},
                                           std::uint32_t{ER_SERVER_SHUTDOWN},
                                           std::uint32_t{ER_NORMAL_SHUTDOWN},
                                           std::uint32_t{ER_ABORTING_CONNECTION},
                                           std::uint32_t{ER_NEW_ABORTING_CONNECTION},
                                           std::uint32_t{ER_NET_READ_ERROR},
                                           std::uint32_t{ER_NET_READ_INTERRUPTED},
                                           std::uint32_t{ER_NET_ERROR_ON_WRITE},
                                           std::uint32_t{ER_NET_WRITE_INTERRUPTED},
                                           session_was_killed,
                                           client_interaction_timeout};
    return std::find(last_words.begin(), last_words.end(), code) != last_words.end();
}

Diagnostics last_error(st_mysql* connection) {
    return describe(mysql_errno(connection), mysql_sqlstate(connection), mysql_error(connection));
}

Diagnostics last_error(st_mysql_stmt* statement) {
    // What comes between rows, the library notes at the connection only (measured).
    if (mysql_stmt_errno(statement) == 0 && statement->mysql != nullptr) return last_error(statement->mysql);
    return describe(mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement), mysql_stmt_error(statement));
}

}  // namespace fairlead::dal::mysql

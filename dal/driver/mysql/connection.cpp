#include "dal/driver/mysql/connection.h"

#include "dal/driver/mysql/library_error.h"

#include <mysql.h>

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

using Clock = std::chrono::steady_clock;

struct FreeResult {
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using ResultHandle = std::unique_ptr<MYSQL_RES, FreeResult>;

void set_options(MYSQL* connection) {
    set_seconds(connection, MYSQL_OPT_READ_TIMEOUT, Connection::row_timeout);
    set_seconds(connection, MYSQL_OPT_WRITE_TIMEOUT, Connection::row_timeout);
    const unsigned no = 0;
    mysql_options(connection, MYSQL_OPT_LOCAL_INFILE, &no);
}

SqlError error_of(MYSQL* connection) {
    // Errors of the library itself say nothing about the statement.
    const bool ours = is_library_error(mysql_errno(connection));
    return SqlError{{mysql_error(connection), ""}, ours ? "" : mysql_sqlstate(connection)};
}

Row to_row(MYSQL_ROW values, const unsigned long* lengths, unsigned columns) {
    Row row;
    row.reserve(columns);
    for (unsigned c = 0; c < columns; ++c) {
        if (values[c] == nullptr) {
            row.emplace_back(std::nullopt);
        } else {
            row.emplace_back(std::string(values[c], lengths[c]));
        }
    }
    return row;
}

Rows to_rows(MYSQL_RES* result) {
    Rows out;
    const unsigned columns = mysql_num_fields(result);
    const MYSQL_FIELD* const fields = mysql_fetch_fields(result);
    for (unsigned c = 0; c < columns; ++c) out.columns.emplace_back(fields[c].name);
    out.rows.reserve(mysql_num_rows(result));
    while (MYSQL_ROW values = mysql_fetch_row(result)) {
        out.rows.push_back(to_row(values, mysql_fetch_lengths(result), columns));
    }
    return out;
}

}  // namespace

Connection::Connection(connection_handle handle) : connection_(std::move(handle)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

SqlResult<connection_handle> Connection::try_open(const ConnectOptions& options, bool encrypted) {
    connection_handle handle = new_connection();
    if (!handle) return SqlError{{"no memory for a connection", ""}, ""};
    set_options(handle.get());
    set_login_options(handle.get(), options, encrypted);
    const login_address address(options);
    address.set_protocol(handle.get());
    const char* const database = options.database.empty() ? nullptr : options.database.c_str();
    MYSQL* const connected =
        mysql_real_connect(handle.get(), address.host(), options.user.c_str(), options.password.c_str(),
                           database, address.port(), address.path(), 0);
    if (connected == nullptr) return error_of(handle.get());
    if (lacks_tls(handle.get(), encrypted)) return SqlError{{no_tls, no_tls_hint}, ""};
    return handle;
}

SqlResult<Connection> Connection::open(const ConnectOptions& options) {
    const tls_attempts tls = tls_attempts_of(options);
    SqlResult<connection_handle> handle = try_open(options, tls.first);
    // A second try only where the first got no verdict of the server: a wrong password stays wrong.
    if (!handle && tls.second && handle.error().sqlstate.empty()) handle = try_open(options, *tls.second);
    if (!handle) {
        SqlError error = handle.error();
        error.message = connect_failure(options, error.message);
        return error;
    }
    return Connection(std::move(handle).value());
}

SqlError Connection::lost(std::string message) {
    connection_.reset();
    return SqlError{{std::move(message), ""}, ""};
}

SqlError Connection::server_error() const {
    return error_of(connection_.get());
}

bool Connection::wait_for_answer(std::chrono::milliseconds timeout) const {
    const auto deadline = Clock::now() + timeout;
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd entry{static_cast<int>(mysql_get_socket(connection_.get())), POLLIN, 0};
        const int ready = poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    }
}

SqlResult<Rows> Connection::collect() {
    MYSQL* const connection = connection_.get();
    if (mysql_read_query_result(connection) != 0) {
        SqlError error = server_error();
        if (error.sqlstate.empty()) return lost(error.message);
        return error;
    }
    const ResultHandle result(mysql_store_result(connection));
    if (result) return to_rows(result.get());
    if (mysql_field_count(connection) != 0) {
        // Rows were promised and did not come; an error of the server in their midst leaves the session
        // whole.
        SqlError error = server_error();
        if (error.sqlstate.empty()) return lost(error.message);
        return error;
    }
    Rows out;
    out.affected = mysql_affected_rows(connection);
    return out;
}

SqlResult<Rows> Connection::execute(const std::string& statement, std::chrono::milliseconds timeout) {
    if (!connection_) return SqlError{{"the connection is closed", ""}, ""};
    if (mysql_send_query(connection_.get(), statement.data(), statement.size()) != 0) {
        return lost(mysql_error(connection_.get()));
    }
    if (!wait_for_answer(timeout)) {
        // Closing says goodbye, which must not wait for a server that is silent.
        ::shutdown(static_cast<int>(mysql_get_socket(connection_.get())), SHUT_RDWR);
        return lost("the server did not answer in time; the connection was closed");
    }
    return collect();
}

std::string Connection::quote(std::string_view text) const {
    std::string out(text.size() * 2 + 1, '\0');
    const unsigned long size = connection_
                                   ? mysql_real_escape_string(connection_.get(), out.data(), text.data(),
                                                              static_cast<unsigned long>(text.size()))
                                   : 0;
    out.resize(size);
    return "'" + out + "'";
}

std::uint32_t Connection::server_version() const {
    return connection_ ? static_cast<std::uint32_t>(mysql_get_server_version(connection_.get())) : 0;
}

policy::mysql::flavour Connection::server_flavour() const {
    const bool mariadb = connection_ && mariadb_connection(connection_.get()) != 0;
    return mariadb ? policy::mysql::flavour::mariadb : policy::mysql::flavour::mysql;
}

bool Connection::is_encrypted() const {
    return connection_ && mysql_get_ssl_cipher(connection_.get()) != nullptr;
}

}  // namespace fairlead::dal::mysql

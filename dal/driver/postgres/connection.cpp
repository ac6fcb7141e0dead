#include "dal/driver/postgres/connection.h"

#include "dal/driver/postgres/connect_start.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

using Clock = std::chrono::steady_clock;

/// True when the descriptor is ready (or broken, which the next libpq call tells); false at the deadline.
bool wait_for(int descriptor, short events, Clock::time_point deadline) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return false;
        pollfd entry{descriptor, events, 0};
        const int ready = poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    }
}

SqlError server_error(const PGresult* result) {
    const auto field = [result](int code) { return one_line(PQresultErrorField(result, code)); };
    SqlError error{{field(PG_DIAG_MESSAGE_PRIMARY), field(PG_DIAG_MESSAGE_HINT)}, field(PG_DIAG_SQLSTATE)};
    if (error.message.empty()) error.message = one_line(PQresultErrorMessage(result));
    if (error.hint.empty()) error.hint = field(PG_DIAG_MESSAGE_DETAIL);
    return error;
}

Rows to_rows(const PGresult* result) {
    Rows out;
    const int columns = PQnfields(result);
    for (int c = 0; c < columns; ++c) out.columns.emplace_back(PQfname(result, c));
    const int count = PQntuples(result);
    out.rows.reserve(static_cast<std::size_t>(count));
    for (int r = 0; r < count; ++r) {
        auto& row = out.rows.emplace_back();
        row.reserve(static_cast<std::size_t>(columns));
        for (int c = 0; c < columns; ++c) {
            if (PQgetisnull(result, r, c) != 0) {
                row.emplace_back(std::nullopt);
            } else {
                row.emplace_back(std::string(PQgetvalue(result, r, c),
                                             static_cast<std::size_t>(PQgetlength(result, r, c))));
            }
        }
    }
    out.affected = std::strtoull(PQcmdTuples(const_cast<PGresult*>(result)), nullptr, 10);
    return out;
}

}  // namespace

struct Connection::Notices {
    std::vector<std::string> lines;
    static void receive(void* self, const PGresult* result) {
        auto& lines = static_cast<Notices*>(self)->lines;
        if (lines.size() < 100) lines.push_back(one_line(PQresultErrorMessage(result)));
    }
};

Connection::Connection(Handle handle)
    : connection_(std::move(handle)), notices_(std::make_unique<Notices>()) {
    PQsetNoticeReceiver(connection_.get(), &Notices::receive, notices_.get());
}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

SqlResult<Connection> Connection::open(const ConnectOptions& options) {
    const auto deadline = Clock::now() + options.connect_timeout;
    Handle handle = start_connecting(options);
    if (!handle) return SqlError{{"no memory for a connection", ""}, ""};
    SqlResult<Handle> connected = finish_connecting(std::move(handle), deadline);
    if (!connected) {
        SqlError error = connected.error();
        error.message = connect_failure(options, error.message);
        return error;
    }
    Connection connection(std::move(connected).value());
    PQsetnonblocking(connection.connection_.get(), 1);
    return connection;
}

SqlResult<Connection::Handle> Connection::finish_connecting(Handle handle, Clock::time_point deadline) {
    // The first wait is for writing, whatever the state: so libpq documents it.
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (true) {
        if (PQstatus(handle.get()) == CONNECTION_BAD) {
            return SqlError{{one_line(PQerrorMessage(handle.get())), ""}, ""};
        }
        if (wanted == PGRES_POLLING_OK) return handle;
        const short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_for(PQsocket(handle.get()), events, deadline)) {
            return SqlError{{"no answer in time", "see `connect_timeout` of the backend"}, ""};
        }
        wanted = PQconnectPoll(handle.get());
        if (wanted == PGRES_POLLING_FAILED) return SqlError{{one_line(PQerrorMessage(handle.get())), ""}, ""};
    }
}

SqlError Connection::lost(std::string message) {
    SqlError error{{std::move(message), ""}, ""};
    connection_.reset();
    return error;
}

std::optional<SqlError> Connection::wait_for_result(Clock::time_point deadline) {
    pg_conn* const connection = connection_.get();
    while (true) {
        const int unsent = PQflush(connection);
        if (unsent < 0) return lost(one_line(PQerrorMessage(connection)));
        if (unsent == 0 && PQisBusy(connection) == 0) return std::nullopt;
        const short events = unsent > 0 ? short{POLLIN | POLLOUT} : short{POLLIN};
        if (!wait_for(PQsocket(connection), events, deadline)) {
            return lost("the server did not answer in time; the connection was closed");
        }
        if (PQconsumeInput(connection) == 0) return lost(one_line(PQerrorMessage(connection)));
    }
}

SqlResult<Rows> Connection::collect(Clock::time_point deadline) {
    std::optional<SqlError> failed;
    Rows rows;
    while (true) {
        if (std::optional<SqlError> error = wait_for_result(deadline)) return *std::move(error);
        ResultHandle result(PQgetResult(connection_.get()));
        if (!result) break;
        switch (PQresultStatus(result.get())) {
            case PGRES_COMMAND_OK:
            case PGRES_TUPLES_OK:
            case PGRES_EMPTY_QUERY:
                rows = to_rows(result.get());
                break;
            case PGRES_COPY_IN:
            case PGRES_COPY_OUT:
            case PGRES_COPY_BOTH:
                return lost("COPY is not supported here");
            default:
                failed = server_error(result.get());
                break;
        }
    }
    if (failed) return *std::move(failed);
    return rows;
}

SqlResult<Rows> Connection::execute(const std::string& statement, const Parameters& parameters,
                                    std::chrono::milliseconds timeout) {
    if (!connection_) return SqlError{{"the connection is closed", ""}, ""};
    std::vector<const char*> values;
    for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
    if (PQsendQueryParams(connection_.get(), statement.c_str(), static_cast<int>(values.size()), nullptr,
                          values.data(), nullptr, nullptr, 0) == 0) {
        return lost(one_line(PQerrorMessage(connection_.get())));
    }
    return collect(Clock::now() + timeout);
}

std::uint32_t Connection::server_version() const {
    return connection_ ? static_cast<std::uint32_t>(PQserverVersion(connection_.get())) : 0;
}

std::int32_t Connection::backend_pid() const {
    return connection_ ? PQbackendPID(connection_.get()) : 0;
}

std::vector<std::string> Connection::take_notices() {
    return std::exchange(notices_->lines, {});
}

}  // namespace fairlead::dal::postgres

#pragma once

#include "dal/driver/connect_options.h"
#include "dal/driver/connection_mark.h"
#include "fairlead/error.h"
#include "fairlead/result_set.h"
#include "fairlead/value.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// What a machine waits for on its descriptor, and (when it goes on) what came.
enum class Wait : std::uint8_t { nothing = 0, readable = 1, writable = 2, either = 3 };

/// What makes a session the tenant's, as far as it must be sent with a statement. Empty: not needed.
struct SessionContext {
    /// PostgreSQL: set with set_config(variable, value, true), in the same write and the same transaction as
    /// the statement, before it. If that fails the server must not run the statement.
    std::string_view variable;
    std::string_view value;
    /// MySQL: the database that must be the current one.
    std::string_view database;
};

/// A statement as the server gets it. A view: what it points to must live until the operation is finished, or
/// given up by start_drain().
struct StatementJob {
    std::string_view sql;  // with the engine's placeholders; exactly one statement
    std::span<const Argument> arguments;
    SessionContext context;
    /// Sent before everything else, in the same write where the protocol can: "BEGIN ISOLATION LEVEL ...".
    /// Empty: none.
    std::string_view begin;
    /// Prepared statements of different scopes are never shared: names in them may mean other tables.
    std::string_view plan_scope;
    /// The guard found nothing in it that changes anything, so a driver may run it again where its rows were
    /// lost.
    bool only_reads = false;
    bool prepare = true;                    // keep it prepared on this connection
    bool stream = false;                    // rows by next_rows()
    std::optional<std::size_t> known_hash;  // hash() of `sql`, from who has computed it before
    /// Nothing can end the call but its answer, and the thread is the call's own: a driver may wait in here.
    bool may_block = false;

    std::size_t hash() const { return known_hash ? *known_hash : std::hash<std::string_view>()(sql); }
};

enum class TransactionStatus : std::uint8_t { idle, open, failed, unknown };

/// One connection of one engine, driven from outside: no call starts a thread, none blocks unless
/// StatementJob::may_block lets it. One thread at a time. Each start_...() and resume() says what to wait for
/// on descriptor(); `nothing`: finished, look at failed(). Only one operation at a time; start_...() while
/// one runs is a defect (except start_drain()). While connecting descriptor() may change from wait to wait.
///
/// A failed operation leaves the connection usable (status() is not unknown) or broken (is_broken()); then
/// only the destructor may be called, which never blocks.
class ServerSession {
public:
    ServerSession() = default;
    virtual ~ServerSession() = default;
    ServerSession(const ServerSession&) = delete;
    ServerSession& operator=(const ServerSession&) = delete;

    /// Of this and no other: descriptor() of a session that is gone is soon another's.
    const connection_mark& mark() const { return mark_; }

    /// Log in. `options.host` is an address or a path (names are resolved by the caller; `host_name` is the
    /// name that a certificate must bear). Includes whatever the session needs before its first statement.
    virtual Wait start_connect(const ConnectOptions& options, const std::string& host_name) = 0;
    /// Stream: finished when the first rows (or the end, or an error) are there.
    virtual Wait start(const StatementJob& job) = 0;
    /// All in order, up to the first that fails. PostgreSQL: one pipeline with one Sync, so one transaction.
    virtual Wait start_batch(std::span<const StatementJob> jobs) = 0;
    /// Text without result and without values: COMMIT, ROLLBACK, SAVEPOINT x.
    virtual Wait start_command(std::string_view sql) = 0;
    /// COPY ... FROM STDIN or LOAD DATA LOCAL INFILE, fed from `data`. affected() of the result are the rows
    /// taken; a row that was skipped or changed by the server is a failure.
    virtual Wait start_load(std::string_view sql, std::string data, const SessionContext& context,
                            std::string_view begin) = 0;
    /// The next rows of a stream; finished with an empty take_rows() at its end.
    virtual Wait start_next_rows() = 0;
    /// Everything that a client could have left is gone afterwards (DISCARD ALL, COM_RESET_CONNECTION).
    virtual Wait start_reset() = 0;
    virtual Wait start_ping() = 0;
    /// Reads what a cancelled or abandoned statement or stream still sends, and drops it.
    virtual Wait start_drain() = 0;
    virtual Wait resume(Wait ready) = 0;

    virtual int descriptor() const = 0;
    virtual const Diagnostics& failed() const = 0;
    virtual bool is_broken() const = 0;
    /// Whether what was started last may have reached the server: then a broken connection leaves its outcome
    /// unknown.
    virtual bool was_sent() const = 0;
    virtual TransactionStatus status() const = 0;

    /// After start(): its result. After a batch: one each.
    virtual ResultSet take_result() = 0;
    virtual std::vector<ResultSet> take_results() = 0;
    /// After start() with stream, or start_next_rows(); once. Independent of the connection, which may soon
    /// be in other hands. null: the end.
    virtual std::shared_ptr<const detail::result_data> take_rows() = 0;

    /// For the statement that cancels this one from another connection (cancel_statement()).
    virtual std::string cancel_statement() const = 0;  // "SELECT pg_cancel_backend(..)", "KILL QUERY .."
    /// PostgreSQL: what sealed contexts are bound to. 0 elsewhere.
    virtual std::int32_t backend_pid() const = 0;
    virtual std::int64_t connection_tag() const = 0;
    virtual std::uint32_t server_version() const = 0;
    /// MySQL: sql_mode as the session has it, which the lexer must know. Empty elsewhere.
    virtual std::string_view sql_mode() const = 0;

private:
    const connection_mark mark_ = make_connection_mark();
};

/// `max_prepared`: statements kept prepared on the connection, the least recently used is closed first.
std::unique_ptr<ServerSession> make_server_session(config::Engine engine, std::uint32_t max_prepared);

namespace postgres {
std::unique_ptr<ServerSession> make_server_session(std::uint32_t max_prepared);
}
namespace mysql {
std::unique_ptr<ServerSession> make_server_session(std::uint32_t max_prepared);
}

}  // namespace fairlead::dal

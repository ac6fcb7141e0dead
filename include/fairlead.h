#pragma once

/// \file
/// The C interface of libfairlead (C11), for C programs and for other languages: the same library as
/// fairlead/data_source.h, through opaque handles.
///
/// Lifetime: every function that returns a pointer to a non-const handle gives it to the caller, who ends it
/// with the function `..._free` of its type; those take NULL too and never fail. A handle keeps alive what it
/// was made of: sources, tenants and results may be freed in any order. Transactions, sessions, streams and
/// loads hold a server connection until they are freed, so free them soon.
///
/// Threads: a source, a tenant and a canceller may be used by several threads at once. A result and an error
/// may be read by several. Everything else: one thread at a time. Freeing ends all of this.
///
/// Errors: a function that can fail takes `fairlead_error** error` last. On failure it stores an error
/// there, which the caller frees, and returns NULL or a kind that is not FAIRLEAD_OK; on success it stores
/// NULL. `error` may be NULL for who does not want to know more. No C++ exception leaves these functions.
///
/// Texts: everything is UTF-8. `const char*` that comes without a size ends with a zero byte; values of the
/// database come with a size and have no zero byte at their end. Texts live as long as the handle they were
/// asked of.

#include "fairlead/api.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Grows when something that was here before changes its meaning; additions do not change it.
#define FAIRLEAD_C_INTERFACE 1

/// "0.1.0": of the library that the program runs with.
FAIRLEAD_API const char* fairlead_version(void);
/// FAIRLEAD_C_INTERFACE of the library that the program runs with.
FAIRLEAD_API uint32_t fairlead_c_interface(void);

/// The databases and tenants of one configuration file.
typedef struct fairlead_source fairlead_source;
/// One tenant of a source.
typedef struct fairlead_tenant fairlead_tenant;
/// A transaction on one server connection.
typedef struct fairlead_transaction fairlead_transaction;
/// A server connection that is kept for several calls.
typedef struct fairlead_session fairlead_session;
/// The whole result of one statement.
typedef struct fairlead_result fairlead_result;
/// Rows that are still coming.
typedef struct fairlead_stream fairlead_stream;
/// Statements that go to the server together.
typedef struct fairlead_batch fairlead_batch;
/// Many rows into one table.
typedef struct fairlead_load fairlead_load;
/// Stops calls from another thread.
typedef struct fairlead_canceller fairlead_canceller;
/// The pools of a source at a moment.
typedef struct fairlead_pools fairlead_pools;
/// What is known about a failure.
typedef struct fairlead_error fairlead_error;

/// What kind of thing went wrong; fairlead::errc of fairlead/error.h, with the same numbers.
typedef enum fairlead_kind {
    FAIRLEAD_OK = 0,                  ///< nothing
    FAIRLEAD_CONFIGURATION = 1,       ///< the file, or a tenant or placement that does not exist
    FAIRLEAD_REFUSED = 2,             ///< the guard refused the statement; it was not sent
    FAIRLEAD_POOL_TIMEOUT = 3,        ///< no server connection within pool_timeout
    FAIRLEAD_DEADLINE = 4,            ///< the time limit of the call passed
    FAIRLEAD_CANCELLED = 5,           ///< fairlead_cancel() was called
    FAIRLEAD_CONNECTION = 6,          ///< no connection, or it broke and nothing took effect
    FAIRLEAD_OUTCOME_UNKNOWN = 7,     ///< the connection broke when the server may have committed
    FAIRLEAD_DATA = 8,                ///< SQLSTATE class 22
    FAIRLEAD_INTEGRITY = 9,           ///< class 23
    FAIRLEAD_TRANSACTION_STATE = 10,  ///< class 25
    FAIRLEAD_SERIALIZATION = 11,      ///< class 40; the transaction may be run again
    FAIRLEAD_SYNTAX_OR_ACCESS = 12,   ///< class 42
    FAIRLEAD_RESOURCES = 13,          ///< classes 53 and 54, and memory of this process
    FAIRLEAD_SERVER = 14,             ///< any other error of the server
    FAIRLEAD_USAGE = 15,              ///< a call that has no meaning
    FAIRLEAD_CONVERSION = 16          ///< a value is not of the type that was asked for
} fairlead_kind;

/* Errors */

/// FAIRLEAD_OK for NULL.
FAIRLEAD_API fairlead_kind fairlead_error_kind(const fairlead_error* error);
/// What happened, in one line.
FAIRLEAD_API const char* fairlead_error_message(const fairlead_error* error);
/// What to look at or to do; for a refused statement its remedy. "": nothing.
FAIRLEAD_API const char* fairlead_error_hint(const fairlead_error* error);
/// Five characters, or "" when no server spoke.
FAIRLEAD_API const char* fairlead_error_sqlstate(const fairlead_error* error);
/// The server's own words, which may hold values of the database; "": none.
FAIRLEAD_API const char* fairlead_error_server_text(const fairlead_error* error);
/// The server's error number (MySQL); 0: none.
FAIRLEAD_API uint32_t fairlead_error_server_code(const fairlead_error* error);
/// The guard's rule, of a refused statement; else "".
FAIRLEAD_API const char* fairlead_error_rule(const fairlead_error* error);
/// 1-based character of the statement that it is about; 0: unknown.
FAIRLEAD_API uint32_t fairlead_error_position(const fairlead_error* error);
/// An error of the caller's own, for what a fairlead_work returns. FAIRLEAD_OK becomes FAIRLEAD_USAGE. Never
/// NULL.
FAIRLEAD_API fairlead_error* fairlead_error_new(fairlead_kind kind, const char* message);
/// Ends the error and its texts.
FAIRLEAD_API void fairlead_error_free(fairlead_error* error);

/* Sources and tenants */

/// How a source is opened; all zero: as if none were given.
typedef struct fairlead_open_options {
    const char* application_name;  ///< what the server shows as the client program; NULL: "fairlead"
    int64_t watch_interval_ms;     ///< look for changes of configuration and tenants so often; 0:
                                   ///< fairlead_reload() only
} fairlead_open_options;

/// Reads the configuration file and verifies its placements, as fairlead::DataSource::open(). `options` may
/// be NULL. FAIRLEAD_CONFIGURATION: the message names every mistake of the file.
FAIRLEAD_API fairlead_source* fairlead_open(const char* config_file, const fairlead_open_options* options,
                                            fairlead_error** error);
/// Connections are closed when the last handle that came from the source is freed too.
FAIRLEAD_API void fairlead_source_free(fairlead_source* source);
/// Reads configuration and tenant directory again; on failure everything stays as it was.
FAIRLEAD_API fairlead_kind fairlead_reload(fairlead_source* source, fairlead_error** error);
/// Grows by one with each reload that was taken over.
FAIRLEAD_API uint64_t fairlead_generation(const fairlead_source* source);

/// What the pool of one backend looks like. Numbers of server connections, then of events since it was
/// opened.
typedef struct fairlead_pool_state {
    const char* backend;        ///< its name in the configuration; lives as long as the fairlead_pools
    uint32_t connecting;        ///< connections that are being made
    uint32_t idle;              ///< connections that wait for a call
    uint32_t lent;              ///< connections that serve a call, transaction, session or stream
    uint32_t waiting;           ///< calls that wait for a connection
    uint64_t connects;          ///< logins that succeeded
    uint64_t connect_failures;  ///< logins that failed
    uint64_t timeouts;          ///< calls that waited pool_timeout in vain
    uint64_t recycled;          ///< connections closed at the end of their lifetime
} fairlead_pool_state;

/// A look at every pool of the source.
FAIRLEAD_API fairlead_pools* fairlead_pools_read(const fairlead_source* source, fairlead_error** error);
/// How many backends there are.
FAIRLEAD_API size_t fairlead_pools_size(const fairlead_pools* pools);
/// NULL when there are not so many.
FAIRLEAD_API const fairlead_pool_state* fairlead_pools_get(const fairlead_pools* pools, size_t index);
/// Ends what fairlead_pools_get() gave, too.
FAIRLEAD_API void fairlead_pools_free(fairlead_pools* pools);

/// A tenant by its id. `database`: the exposed name of the database, for tenants that live in several; NULL
/// or
/// "": the only one. FAIRLEAD_CONFIGURATION: there is none.
FAIRLEAD_API fairlead_tenant* fairlead_get_tenant(const fairlead_source* source, const char* id,
                                                  const char* database, fairlead_error** error);
/// The tenant's id.
FAIRLEAD_API const char* fairlead_tenant_id(const fairlead_tenant* tenant);
/// Calls that run go on.
FAIRLEAD_API void fairlead_tenant_free(fairlead_tenant* tenant);

/// Of all calls through a tenant; all zero: as if none were given.
typedef struct fairlead_call_options {
    int64_t timeout_ms;             ///< of a whole call, waiting for a connection included; 0: no limit but
                                    ///< pool_timeout; below 0: it has passed
    fairlead_canceller* canceller;  ///< stops them; NULL: nobody. May be freed as soon as the tenant is made
    bool do_not_prepare;            ///< for texts that hardly come twice
} fairlead_call_options;

/// The same tenant, whose calls, transactions, sessions and streams have these options.
FAIRLEAD_API fairlead_tenant* fairlead_tenant_with(const fairlead_tenant* tenant,
                                                   const fairlead_call_options* options,
                                                   fairlead_error** error);
/// Something that can stop calls. Never used up: what was stopped stays so.
FAIRLEAD_API fairlead_canceller* fairlead_canceller_new(fairlead_error** error);
/// Stops the calls that run with it, and those to come: FAIRLEAD_CANCELLED. From any thread. Noticed where a
/// call waits for a connection or for the server; one that does not have to wait succeeds.
FAIRLEAD_API void fairlead_cancel(fairlead_canceller* canceller);
/// Does not stop anything.
FAIRLEAD_API void fairlead_canceller_free(fairlead_canceller* canceller);

/* Statements */

/// What a fairlead_value holds.
typedef enum fairlead_type {
    FAIRLEAD_NULL = 0,      ///< nothing else is looked at
    FAIRLEAD_BOOLEAN = 1,   ///< `boolean`
    FAIRLEAD_INTEGER = 2,   ///< `integer`
    FAIRLEAD_UNSIGNED = 3,  ///< `unsigned_integer`
    FAIRLEAD_REAL = 4,      ///< `real`
    FAIRLEAD_TEXT = 5,      ///< `data` and `size`: UTF-8
    FAIRLEAD_BYTES = 6      ///< `data` and `size`
} fairlead_type;

/// One value in place of a placeholder. Copied or used up before the call returns.
typedef struct fairlead_value {
    const char*
        name;  ///< for the placeholder `:name`, without the colon; NULL: by position. All of a call alike
    fairlead_type type;  ///< which of the following counts
    union {
        bool boolean;               ///< of FAIRLEAD_BOOLEAN
        int64_t integer;            ///< of FAIRLEAD_INTEGER
        uint64_t unsigned_integer;  ///< of FAIRLEAD_UNSIGNED
        double real;                ///< of FAIRLEAD_REAL
        const void* data;           ///< of FAIRLEAD_TEXT and FAIRLEAD_BYTES
    };
    size_t size;  ///< bytes of `data`
} fairlead_value;

/// Runs one statement, which commits by itself, and keeps its whole result in memory. Placeholders are the
/// engine's own ($1 or ?), or :name. `values` may be NULL when `count` is 0.
FAIRLEAD_API fairlead_result* fairlead_execute(fairlead_tenant* tenant, const char* sql,
                                               const fairlead_value* values, size_t count,
                                               fairlead_error** error);
/// Rows one after the other as the server sends them, in bounded memory.
FAIRLEAD_API fairlead_stream* fairlead_open_stream(fairlead_tenant* tenant, const char* sql,
                                                   const fairlead_value* values, size_t count,
                                                   fairlead_error** error);

/// One value of a result, as the server writes it in text.
typedef struct fairlead_field {
    const char* data;  ///< NULL: SQL NULL. No zero byte at its end
    size_t size;       ///< bytes of `data`
    bool hexadecimal;  ///< bytes in PostgreSQL's text form ("\\x6162"); fairlead_field_bytes() undoes it
} fairlead_field;

/// How many rows there are.
FAIRLEAD_API size_t fairlead_result_rows(const fairlead_result* result);
/// How many columns each row has; 0 for statements without rows.
FAIRLEAD_API size_t fairlead_result_columns(const fairlead_result* result);
/// With `*size` bytes, without zero byte; NULL when there is no such column.
FAIRLEAD_API const char* fairlead_result_column_name(const fairlead_result* result, size_t column,
                                                     size_t* size);
/// Rows that INSERT, UPDATE, DELETE or MERGE touched.
FAIRLEAD_API uint64_t fairlead_result_affected(const fairlead_result* result);
/// What AUTO_INCREMENT gave (MySQL); 0: nothing.
FAIRLEAD_API uint64_t fairlead_result_insert_id(const fairlead_result* result);
/// Stores a view that lives as long as the result. FAIRLEAD_USAGE: there is no such row or column.
FAIRLEAD_API fairlead_kind fairlead_result_field(const fairlead_result* result, size_t row, size_t column,
                                                 fairlead_field* field, fairlead_error** error);
/// Ends the result and its fields.
FAIRLEAD_API void fairlead_result_free(fairlead_result* result);

/// Goes to the next row. 1: it is there; 0: there are no more; -1: failure.
FAIRLEAD_API int fairlead_stream_next(fairlead_stream* stream, fairlead_error** error);
/// How many columns the row has; 0 where there is no row.
FAIRLEAD_API size_t fairlead_stream_columns(const fairlead_stream* stream);
/// With `*size` bytes, without zero byte; NULL when there is no such column, or no row.
FAIRLEAD_API const char* fairlead_stream_column_name(const fairlead_stream* stream, size_t column,
                                                     size_t* size);
/// Of the row; a view that lives until the next call on the stream.
FAIRLEAD_API fairlead_kind fairlead_stream_field(const fairlead_stream* stream, size_t column,
                                                 fairlead_field* field, fairlead_error** error);
/// Before the end: cancels the statement.
FAIRLEAD_API void fairlead_stream_free(fairlead_stream* stream);

/// The field as a number. FAIRLEAD_CONVERSION: it is NULL, no number, or out of range.
FAIRLEAD_API fairlead_kind fairlead_field_integer(const fairlead_field* field, int64_t* out,
                                                  fairlead_error** error);
/// As fairlead_field_integer().
FAIRLEAD_API fairlead_kind fairlead_field_unsigned(const fairlead_field* field, uint64_t* out,
                                                   fairlead_error** error);
/// As fairlead_field_integer().
FAIRLEAD_API fairlead_kind fairlead_field_real(const fairlead_field* field, double* out,
                                               fairlead_error** error);
/// "t"/"f" of PostgreSQL, 1/0 of MySQL. FAIRLEAD_CONVERSION: it is neither.
FAIRLEAD_API fairlead_kind fairlead_field_boolean(const fairlead_field* field, bool* out,
                                                  fairlead_error** error);
/// The field as bytes. Stores in `*size` how many there are; writes them when `capacity` suffices, else
/// nothing.
FAIRLEAD_API fairlead_kind fairlead_field_bytes(const fairlead_field* field, void* out, size_t capacity,
                                                size_t* size, fairlead_error** error);

/* Transactions */

/// What other transactions a transaction sees.
typedef enum fairlead_isolation {
    FAIRLEAD_SERVER_DEFAULT = 0,    ///< what the server is set to
    FAIRLEAD_READ_UNCOMMITTED = 1,  ///< PostgreSQL: as FAIRLEAD_READ_COMMITTED
    FAIRLEAD_READ_COMMITTED = 2,    ///< each statement sees what was committed before it
    FAIRLEAD_REPEATABLE_READ = 3,   ///< all see what was committed before the first
    FAIRLEAD_SERIALIZABLE = 4       ///< as if one ran after the other; may fail with FAIRLEAD_SERIALIZATION
} fairlead_isolation;

/// All zero: as if none were given.
typedef struct fairlead_transaction_options {
    fairlead_isolation isolation;  ///< asked of the server with the first statement
    bool read_only;                ///< writing fails with FAIRLEAD_TRANSACTION_STATE
    uint32_t max_attempts;     ///< of fairlead_run_transaction(), after FAIRLEAD_SERIALIZATION; 0 and 1: one
    int64_t first_pause_ms;    ///< before the second attempt, then doubled, with jitter; 0: 5
    int64_t longest_pause_ms;  ///< pauses stop growing here; 0: 500
} fairlead_transaction_options;

/// Begins a transaction, on the server with its first statement. `options` may be NULL.
FAIRLEAD_API fairlead_transaction* fairlead_begin(fairlead_tenant* tenant,
                                                  const fairlead_transaction_options* options,
                                                  fairlead_error** error);
/// As fairlead_execute(), in the transaction.
FAIRLEAD_API fairlead_result* fairlead_transaction_execute(fairlead_transaction* transaction, const char* sql,
                                                           const fairlead_value* values, size_t count,
                                                           fairlead_error** error);
/// As fairlead_open_stream(), in the transaction, which can do nothing else before the stream is freed or at
/// its end. Free it before the transaction.
FAIRLEAD_API fairlead_stream* fairlead_transaction_open_stream(fairlead_transaction* transaction,
                                                               const char* sql, const fairlead_value* values,
                                                               size_t count, fairlead_error** error);
/// Whether statements are still possible.
FAIRLEAD_API bool fairlead_transaction_is_open(const fairlead_transaction* transaction);
/// FAIRLEAD_OUTCOME_UNKNOWN: the connection broke before the server had answered COMMIT.
FAIRLEAD_API fairlead_kind fairlead_commit(fairlead_transaction* transaction, fairlead_error** error);
/// Never fails: a connection that breaks has rolled back.
FAIRLEAD_API void fairlead_rollback(fairlead_transaction* transaction);
/// Rolls back what was not committed.
FAIRLEAD_API void fairlead_transaction_free(fairlead_transaction* transaction);

/// What is run inside a transaction, with the caller's `data`. NULL: keep what it did; an error, which now
/// belongs to the library: undo it. It must return (no longjmp, no exception) and must not end the
/// transaction.
typedef fairlead_error* (*fairlead_work)(fairlead_transaction* transaction, void* data);
/// Runs `work` in a savepoint; if it fails, what it did is undone, its error is handed on, and the
/// transaction goes on.
FAIRLEAD_API fairlead_kind fairlead_savepoint(fairlead_transaction* transaction, fairlead_work work,
                                              void* data, fairlead_error** error);
/// Runs `work` in a transaction and commits; rolls back when it fails, and runs it again as the options say:
/// then `work` must not have effects of its own.
FAIRLEAD_API fairlead_kind fairlead_run_transaction(fairlead_tenant* tenant,
                                                    const fairlead_transaction_options* options,
                                                    fairlead_work work, void* data, fairlead_error** error);

/* Sessions, batches, bulk loads */

/// A connection kept for several calls that share session state, as fairlead::Session.
FAIRLEAD_API fairlead_session* fairlead_session_new(fairlead_tenant* tenant, fairlead_error** error);
/// As fairlead_execute(), in the session.
FAIRLEAD_API fairlead_result* fairlead_session_execute(fairlead_session* session, const char* sql,
                                                       const fairlead_value* values, size_t count,
                                                       fairlead_error** error);
/// As fairlead_open_stream(), in the session. Free it before the session.
FAIRLEAD_API fairlead_stream* fairlead_session_open_stream(fairlead_session* session, const char* sql,
                                                           const fairlead_value* values, size_t count,
                                                           fairlead_error** error);
/// The connection is cleaned before anybody else gets it.
FAIRLEAD_API void fairlead_session_free(fairlead_session* session);

/// An empty batch.
FAIRLEAD_API fairlead_batch* fairlead_batch_new(fairlead_error** error);
/// Adds copies of text and values.
FAIRLEAD_API fairlead_kind fairlead_batch_add(fairlead_batch* batch, const char* sql,
                                              const fairlead_value* values, size_t count,
                                              fairlead_error** error);
/// How many statements it has.
FAIRLEAD_API size_t fairlead_batch_size(const fairlead_batch* batch);
/// Does not touch results.
FAIRLEAD_API void fairlead_batch_free(fairlead_batch* batch);
/// Runs it as a transaction of its own. `results`: room for fairlead_batch_size() results, which the caller
/// frees; NULL: they are dropped. On failure nothing is stored there.
FAIRLEAD_API fairlead_kind fairlead_run_batch(fairlead_tenant* tenant, const fairlead_batch* batch,
                                              fairlead_result** results, fairlead_error** error);
/// The same, as part of the transaction.
FAIRLEAD_API fairlead_kind fairlead_transaction_run_batch(fairlead_transaction* transaction,
                                                          const fairlead_batch* batch,
                                                          fairlead_result** results, fairlead_error** error);

/// Many rows into `table`, whose tenant column is not among the columns: the library fills it in.
FAIRLEAD_API fairlead_load* fairlead_load_new(fairlead_tenant* tenant, const char* table,
                                              const char* const* columns, size_t count,
                                              fairlead_error** error);
/// One row: a value for each column, in their order.
FAIRLEAD_API fairlead_kind fairlead_load_row(fairlead_load* load, const fairlead_value* values, size_t count,
                                             fairlead_error** error);
/// Makes the rows stay, and stores their number in `*rows` (which may be NULL). After it the load is over.
FAIRLEAD_API fairlead_kind fairlead_load_finish(fairlead_load* load, uint64_t* rows, fairlead_error** error);
/// Before fairlead_load_finish(): leaves nothing.
FAIRLEAD_API void fairlead_load_free(fairlead_load* load);

#ifdef __cplusplus
}
#endif

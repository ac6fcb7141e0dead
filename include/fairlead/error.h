#pragma once

#include "fairlead/api.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

namespace fairlead {

/// What kind of thing went wrong, engine-neutral. Each has an exception class of its own below.
enum class errc {
    configuration = 1,  ///< the configuration file, or a tenant or placement that does not exist
    refused,            ///< the guard refused the statement; it was not sent
    pool_timeout,       ///< no server connection within pool_timeout
    deadline,           ///< the caller's deadline passed; the statement was cancelled
    cancelled,          ///< the caller asked to stop
    connection,  ///< the server could not be reached, or the connection broke before anything took effect
    outcome_unknown,    ///< the connection broke when the server may already have committed
    data,               ///< SQLSTATE class 22: a value does not fit
    integrity,          ///< class 23: unique, foreign key, not null, check
    transaction_state,  ///< class 25: for example a write in a read-only transaction
    serialization,      ///< class 40: serialization failure or deadlock; may be retried as a whole
    syntax_or_access,   ///< class 42: syntax, unknown names, missing rights
    resources,          ///< classes 53 and 54: the server has no more of something
    server,             ///< any other error of the server
    usage,       ///< the library was called in a way that has no meaning (a result column that is not there)
    conversion,  ///< a value cannot be read as the type that was asked for
};

/// The category of fairlead::errc.
FAIRLEAD_API const std::error_category& error_category() noexcept;
/// So that fairlead::errc converts to std::error_code.
inline std::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

/// Everything known about a failure; default-constructed: there was none. A value.
class FAIRLEAD_API Diagnostics {
public:
    /// For code that handles std::error_code; zero where nothing failed.
    std::error_code code() const { return code_ == errc{} ? std::error_code() : make_error_code(code_); }
    /// What kind of failure it was. Only after failed().
    errc kind() const { return code_; }
    /// Whether there was a failure.
    bool failed() const { return code_ != errc{}; }
    /// The same as failed().
    explicit operator bool() const { return failed(); }

    /// What happened, for a log: one line; of a configuration that cannot be used one line for each mistake.
    std::string message;
    /// What to look at or to do; may be empty. For a refused statement: the remedy.
    std::string hint;
    /// Five characters; empty when no server spoke.
    std::string sqlstate;
    /// The server's own words, apart from ours: they may hold values. Empty when no server spoke.
    std::string server_text;
    /// The server's error number (MySQL); 0: none.
    std::uint32_t server_code = 0;
    /// The guard's rule when refused ("unknown-table"); else empty.
    std::string rule;
    /// 1-based character of the statement that it is about; 0: unknown.
    std::uint32_t position = 0;

    /// Makes it a failure of this kind; the other members are left.
    void set(errc code) { code_ = code; }
    /// As default-constructed.
    void clear() { *this = Diagnostics(); }

private:
    errc code_{};
};

/// The root of all exceptions of this library, each of which is caught as its own class or as one above it.
///
/// Errors: copying it may throw std::bad_alloc, so catch it by reference. Threads: thrown on the thread of
/// the call, and by futures and co_await where these are waited for; any number may read it. Lifetime: owns
/// all that it tells.
class FAIRLEAD_API DatabaseError : public std::runtime_error {
public:
    /// what() becomes the message.
    explicit DatabaseError(Diagnostics diagnostics);
    ~DatabaseError() override;
    /// Everything that is known; lives as long as the exception.
    const Diagnostics& diagnostics() const noexcept { return diagnostics_; }
    /// Of the category error_category().
    std::error_code code() const noexcept { return diagnostics_.code(); }
    /// Five characters; empty when no server spoke.
    const std::string& sqlstate() const noexcept { return diagnostics_.sqlstate; }

private:
    Diagnostics diagnostics_;
};

// NOLINTBEGIN(bugprone-macro-parentheses): a base class cannot stand in parentheses.
#define FAIRLEAD_ERROR(name, base)          \
    class FAIRLEAD_API name : public base { \
    public:                                 \
        using base::base;                   \
        ~name() override;                   \
    }

/// The configuration cannot be used, or names no such tenant or placement.
FAIRLEAD_ERROR(ConfigurationError, DatabaseError);
/// The guard refused the statement, and nothing was sent. See rule() and remedy().
class FAIRLEAD_API StatementRefused : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
    ~StatementRefused() override;
    /// The rule of the guard: docs/sql-support.md lists them.
    const std::string& rule() const noexcept { return diagnostics().rule; }
    /// What to write instead.
    const std::string& remedy() const noexcept { return diagnostics().hint; }
};
/// No server connection became free within pool_timeout.
FAIRLEAD_ERROR(PoolTimeout, DatabaseError);
/// The deadline of the call passed, or it was cancelled; a transaction it belonged to is rolled back. An
/// autocommitted statement may have taken effect if the cancel came too late.
FAIRLEAD_ERROR(CallInterrupted, DatabaseError);
/// The time limit of the call passed: CallOptions::timeout.
FAIRLEAD_ERROR(DeadlineExceeded, CallInterrupted);
/// Stop was requested: CallOptions::stop, or a cancellation of Asio.
FAIRLEAD_ERROR(CallCancelled, CallInterrupted);
/// No connection, or it broke. Nothing of the transaction took effect.
FAIRLEAD_ERROR(ConnectionFailed, DatabaseError);
/// The connection broke after COMMIT, or an autocommitted statement, was sent: it may have taken effect.
FAIRLEAD_ERROR(OutcomeUnknown, ConnectionFailed);
/// An error that the server reported.
FAIRLEAD_ERROR(ServerError, DatabaseError);
FAIRLEAD_ERROR(DataError, ServerError);              ///< SQLSTATE class 22
FAIRLEAD_ERROR(IntegrityError, ServerError);         ///< class 23
FAIRLEAD_ERROR(TransactionStateError, ServerError);  ///< class 25
FAIRLEAD_ERROR(SerializationError, ServerError);     ///< class 40
FAIRLEAD_ERROR(SyntaxOrAccessError, ServerError);    ///< class 42
FAIRLEAD_ERROR(ResourceError, ServerError);          ///< classes 53, 54
/// The caller's mistake: a column that is not there, a transaction that has ended.
FAIRLEAD_ERROR(UsageError, DatabaseError);
/// A value cannot be read as the type asked for (NULL as int, "x" as int, out of range).
FAIRLEAD_ERROR(ConversionError, UsageError);

// NOLINTEND(bugprone-macro-parentheses)
#undef FAIRLEAD_ERROR

/// Throws the exception class of `diagnostics.kind()`.
[[noreturn]] FAIRLEAD_API void throw_error(Diagnostics diagnostics);

}  // namespace fairlead

template <>
struct std::is_error_code_enum<fairlead::errc> : std::true_type {};

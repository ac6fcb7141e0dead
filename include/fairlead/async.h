#pragma once

#include "fairlead/async_completion.h"
#include "fairlead/batch.h"
#include "fairlead/bound_statement.h"
#include "fairlead/tenant.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

/// The asynchronous API, on Boost.Asio (1.81, header-only; the library and the application must be built with
/// the same). This and async_completion.h are the only public headers that need it.
///
///     fairlead::AsyncTenant acme(db.tenant("acme"), co_await boost::asio::this_coro::executor);
///     auto users = co_await acme.query<int, std::string>(
///         fairlead::bind("SELECT user_id, username FROM users WHERE user_id > $1", 10));
///
/// Every call takes a completion token as its last argument: a callback, use_future, deferred, or
/// use_awaitable, which is the default. (co_await of a deferred call itself does not compile with Boost 1.81
/// where exceptions are told: its impl/awaitable.hpp tests the wrong variable.) The signature is
/// void(std::exception_ptr, T), so that co_await and futures throw the classes of error.h; with
/// `as_diagnostics` as first argument it is void(Diagnostics, T), and nothing is thrown for failures of
/// database and network:
///
///     auto [failed, users] = co_await acme.query<int>(fairlead::as_diagnostics, fairlead::bind("..."));
///
/// T is default-constructed on failure. Texts and values are copied by bind().
///
/// Completion handlers run on their associated executor (default: that of the AsyncTenant), never inside the
/// initiating call. No thread is made for calls: the first step of a call runs on the thread that starts it,
/// the others on the executor, one after the other. When the execution context is destroyed, calls that are
/// left are given up as if cancelled, their handlers destroyed uncalled.
///
/// A call ends early with CallCancelled by Asio's cancellation slots and by CallOptions::stop, with
/// DeadlineExceeded by CallOptions::timeout. The statement is cancelled on the server in the background.
/// Cancellation types `terminal` and `partial` do that at any time; `total`, which promises that nothing took
/// effect, only while the call waits for a connection.
namespace fairlead {

namespace detail {

/// What the statements of a tenant or a transaction start from. Thread-safe as its owner is.
class FAIRLEAD_API async_target : public async_origin {
public:
    using async_origin::async_origin;
    virtual void execute(BoundStatement statement, completion_ptr completion) = 0;
    virtual void stream(BoundStatement statement, completion_ptr completion) = 0;
    virtual void run(Batch batch, completion_ptr completion) = 0;
};

class FAIRLEAD_API async_transaction_target : public async_target {
public:
    using async_target::async_target;
    virtual void commit(completion_ptr completion) = 0;
    virtual void rollback(completion_ptr completion) = 0;
};

class FAIRLEAD_API async_tenant_target : public async_target {
public:
    using async_target::async_target;
    virtual std::shared_ptr<async_transaction_target> begin(const TransactionOptions& options) = 0;
};

class FAIRLEAD_API async_rows : public async_origin {
public:
    using async_origin::async_origin;
    virtual void next(completion_ptr completion) = 0;
};

}  // namespace detail

/// Rows of a stream that came together. A view: valid until the stream's next call or destruction.
class RowChunk {
public:
    /// Gives Row; an input iterator.
    using iterator = detail::row_iterator<Row, detail::same_row>;

    /// Without rows.
    RowChunk() = default;
    /// Made by the library.
    explicit RowChunk(const detail::result_data* rows) : rows_(rows) {}

    /// How many rows there are; 0: the end of the stream.
    std::size_t size() const { return rows_ ? rows_->rows() : 0; }
    /// Whether the stream is at its end.
    bool empty() const { return size() == 0; }
    /// To the first row.
    iterator begin() const { return {rows_, 0}; }
    /// Behind the last row.
    iterator end() const { return {rows_, size()}; }

private:
    const detail::result_data* rows_ = nullptr;
};

/// Rows that are still coming, some more with each call, in bounded memory. Holds a server connection until
/// its end is reached or it is destroyed, which cancels the statement and ends the transaction that it
/// belongs to. Movable; one call at a time, those of its transaction included.
///
///     auto rows = co_await acme.stream(fairlead::bind("SELECT id, note FROM orders"));
///     for (auto chunk = co_await rows.next(); !chunk.empty(); chunk = co_await rows.next())
///         for (const fairlead::Row& row : chunk) use(row.get<int>(0));
class AsyncStream {
public:
    /// Empty; only to be assigned to.
    AsyncStream() = default;
    /// Made by the library.
    explicit AsyncStream(std::shared_ptr<detail::async_rows> rows) : rows_(std::move(rows)) {}
    AsyncStream(AsyncStream&&) noexcept = default;             ///< the other one can only be assigned to
    AsyncStream& operator=(AsyncStream&&) noexcept = default;  ///< cancels the own statement

    /// T: RowChunk; empty at the end.
    template <detail::completion_token Token = boost::asio::use_awaitable_t<>>
    auto next(Token&& token = {}) {
        return next_as<detail::by_exception>(std::forward<Token>(token));
    }
    /// The same with Diagnostics in place of an exception.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto next(as_diagnostics_t, Token&& token = {}) {
        return next_as<detail::by_diagnostics>(std::forward<Token>(token));
    }

private:
    struct take_chunk {
        RowChunk operator()(detail::async_outcome& outcome) const { return RowChunk(outcome.rows); }
    };
    template <typename Style, typename Token>
    auto next_as(Token&& token) {
        auto start = [](detail::async_rows& rows, detail::completion_ptr completion) {
            rows.next(std::move(completion));
        };
        return detail::start_call<Style, take_chunk>(rows_, start, std::forward<Token>(token));
    }

    std::shared_ptr<detail::async_rows> rows_;
};

/// The calls that an AsyncTenant and an AsyncTransaction have in common; see Queries.
template <typename Target>
class AsyncQueries {
public:
    /// T: ResultSet.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto execute(BoundStatement statement, Token&& token = {}) const {
        return execute_as<detail::by_exception, detail::take_result>(std::move(statement),
                                                                     std::forward<Token>(token));
    }
    /// The same with Diagnostics in place of an exception.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto execute(as_diagnostics_t, BoundStatement statement, Token&& token = {}) const {
        return execute_as<detail::by_diagnostics, detail::take_result>(std::move(statement),
                                                                       std::forward<Token>(token));
    }

    /// T: TypedRows<Columns...>. A result with another number of columns is a UsageError.
    template <typename... Columns, typename Token = boost::asio::use_awaitable_t<>>
    auto query(BoundStatement statement, Token&& token = {}) const {
        return execute_as<detail::by_exception, detail::take_rows<Columns...>>(std::move(statement),
                                                                               std::forward<Token>(token));
    }
    /// The same with Diagnostics in place of an exception.
    template <typename... Columns, typename Token = boost::asio::use_awaitable_t<>>
    auto query(as_diagnostics_t, BoundStatement statement, Token&& token = {}) const {
        return execute_as<detail::by_diagnostics, detail::take_rows<Columns...>>(std::move(statement),
                                                                                 std::forward<Token>(token));
    }

    /// T: AsyncStream, when the first rows are there.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto stream(BoundStatement statement, Token&& token = {}) const {
        return stream_as<detail::by_exception>(std::move(statement), std::forward<Token>(token));
    }
    /// The same with Diagnostics in place of an exception.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto stream(as_diagnostics_t, BoundStatement statement, Token&& token = {}) const {
        return stream_as<detail::by_diagnostics>(std::move(statement), std::forward<Token>(token));
    }

    /// T: std::vector<ResultSet>, one for each statement. All or nothing.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto run(Batch batch, Token&& token = {}) const {
        return run_as<detail::by_exception>(std::move(batch), std::forward<Token>(token));
    }
    /// The same with Diagnostics in place of an exception.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto run(as_diagnostics_t, Batch batch, Token&& token = {}) const {
        return run_as<detail::by_diagnostics>(std::move(batch), std::forward<Token>(token));
    }

private:
    struct take_stream {
        AsyncStream operator()(detail::async_outcome& outcome) const {
            return AsyncStream(std::move(outcome.stream));
        }
    };

    std::shared_ptr<detail::async_target> target() const { return static_cast<const Target&>(*this).target_; }
    template <typename Style, typename Take, typename Token>
    auto execute_as(BoundStatement statement, Token&& token) const {
        auto start = [statement = std::move(statement)](detail::async_target& target,
                                                        detail::completion_ptr completion) mutable {
            target.execute(std::move(statement), std::move(completion));
        };
        return detail::start_call<Style, Take>(target(), std::move(start), std::forward<Token>(token));
    }
    template <typename Style, typename Token>
    auto stream_as(BoundStatement statement, Token&& token) const {
        auto start = [statement = std::move(statement)](detail::async_target& target,
                                                        detail::completion_ptr completion) mutable {
            target.stream(std::move(statement), std::move(completion));
        };
        return detail::start_call<Style, take_stream>(target(), std::move(start), std::forward<Token>(token));
    }
    template <typename Style, typename Token>
    auto run_as(Batch batch, Token&& token) const {
        auto start = [batch = std::move(batch)](detail::async_target& target,
                                                detail::completion_ptr completion) mutable {
            target.run(std::move(batch), std::move(completion));
        };
        return detail::start_call<Style, detail::take_results>(target(), std::move(start),
                                                               std::forward<Token>(token));
    }
};

/// A transaction on one server connection; see Transaction. Movable; one call at a time. Destroyed without
/// commit() it is rolled back, in the background, and when a call still runs, after it.
class AsyncTransaction : public AsyncQueries<AsyncTransaction> {
public:
    /// Made by the library.
    explicit AsyncTransaction(std::shared_ptr<detail::async_transaction_target> target)
        : target_(std::move(target)) {}
    AsyncTransaction(AsyncTransaction&&) noexcept = default;  ///< the other can only be assigned to
    AsyncTransaction& operator=(AsyncTransaction&&) noexcept = default;  ///< rolls the own one back

    /// T: nothing. OutcomeUnknown: the connection broke before the server had answered COMMIT.
    template <detail::completion_token Token = boost::asio::use_awaitable_t<>>
    auto commit(Token&& token = {}) {
        return commit_as<detail::by_exception>(std::forward<Token>(token));
    }
    /// The same with Diagnostics in place of an exception.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto commit(as_diagnostics_t, Token&& token = {}) {
        return commit_as<detail::by_diagnostics>(std::forward<Token>(token));
    }
    /// T: nothing. A connection that breaks has rolled back: that is no failure.
    template <detail::completion_token Token = boost::asio::use_awaitable_t<>>
    auto rollback(Token&& token = {}) {
        return rollback_as<detail::by_exception>(std::forward<Token>(token));
    }
    /// The same with Diagnostics in place of an exception.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto rollback(as_diagnostics_t, Token&& token = {}) {
        return rollback_as<detail::by_diagnostics>(std::forward<Token>(token));
    }

private:
    friend class AsyncQueries<AsyncTransaction>;
    template <typename Style, typename Token>
    auto commit_as(Token&& token) {
        auto start = [](detail::async_transaction_target& target, detail::completion_ptr completion) {
            target.commit(std::move(completion));
        };
        return detail::start_call<Style, detail::take_nothing>(target_, start, std::forward<Token>(token));
    }
    template <typename Style, typename Token>
    auto rollback_as(Token&& token) {
        auto start = [](detail::async_transaction_target& target, detail::completion_ptr completion) {
            target.rollback(std::move(completion));
        };
        return detail::start_call<Style, detail::take_nothing>(target_, start, std::forward<Token>(token));
    }

    std::shared_ptr<detail::async_transaction_target> target_;
};

/// A tenant for asynchronous calls; see Tenant. A handle: cheap to copy, thread-safe. Must not be used once
/// the executor's context is gone.
class FAIRLEAD_API AsyncTenant : public AsyncQueries<AsyncTenant> {
public:
    /// Of calls and their handlers.
    using executor_type = boost::asio::any_io_executor;

    /// `tenant`, whose calls run on `executor`; its context must outlive the calls.
    AsyncTenant(Tenant tenant, const executor_type& executor);

    /// As in the tenant directory.
    const std::string& id() const { return tenant_.id(); }
    /// What calls run on, and handlers that have no executor of their own.
    executor_type get_executor() const { return target_->executor(); }
    /// The same tenant with other options for its calls.
    AsyncTenant with(CallOptions options) const;
    /// Not yet on the server: it begins with its first statement. Retrying is the caller's: `options.retry`
    /// is not looked at.
    AsyncTransaction begin(const TransactionOptions& options = {}) const;

private:
    friend class AsyncQueries<AsyncTenant>;

    Tenant tenant_;
    std::shared_ptr<detail::async_tenant_target> target_;
};

}  // namespace fairlead

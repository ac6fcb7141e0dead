#pragma once

#include "fairlead/async_bulk_load.h"
#include "fairlead/async_completion.h"
#include "fairlead/batch.h"
#include "fairlead/bound_statement.h"

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

/// Statements of the asynchronous API: part of async.h.
namespace fairlead {

namespace detail {

/// What the statements of a tenant, a transaction or a session start from. Thread-safe as its owner is.
class FAIRLEAD_API async_target : public async_origin {
public:
    using async_origin::async_origin;
    virtual void execute(BoundStatement statement, completion_ptr completion) = 0;
    virtual void stream(BoundStatement statement, completion_ptr completion) = 0;
};

/// The same of a tenant or a transaction.
class FAIRLEAD_API async_batch_target : public async_target {
public:
    using async_target::async_target;
    virtual void run(Batch batch, completion_ptr completion) = 0;
    /// Null: `failed` says why.
    virtual std::shared_ptr<async_load> bulk_load(std::string_view table,
                                                  std::span<const std::string_view> columns,
                                                  Diagnostics& failed) = 0;
};

class FAIRLEAD_API async_rows : public async_origin {
public:
    using async_origin::async_origin;
    virtual void next(completion_ptr completion) = 0;
};

}  // namespace detail

/// Rows of a stream that came together.
///
/// Errors: none; those of its rows are Row's. Threads: any number may read it. Lifetime: a view, valid until
/// the stream's next call or destruction.
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

/// Rows that are still coming, some more with each call, in bounded memory.
///
/// Errors: next() has those of Queries; then the stream is at its end, and rows that came before are good.
/// The limit CallOptions::timeout is that of each call. UsageError for a call while another runs. Threads:
/// any, one call at a time, those of its transaction or session included. Lifetime: holds a server connection
/// until its end is reached or it is destroyed, which cancels the statement and ends the transaction that it
/// belongs to. Movable.
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
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto next(Token&& token = {}) {
        return detail::start_call<take_chunk>(rows_, &detail::async_rows::next, std::forward<Token>(token));
    }

private:
    struct take_chunk {
        RowChunk operator()(detail::async_outcome& outcome) const { return RowChunk(outcome.rows); }
    };

    std::shared_ptr<detail::async_rows> rows_;
};

/// The calls that an AsyncTenant, an AsyncTransaction and an AsyncSession have in common; see Queries.
///
/// Errors: those of Queries, arriving at the completion token. Threads: as the Target: any number of calls on
/// an AsyncTenant, one at a time on the others. Lifetime: a call keeps what it needs; the Target may be
/// destroyed meanwhile.
template <typename Target>
class AsyncQueries {
public:
    /// T: ResultSet.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto execute(BoundStatement statement, Token&& token = {}) const {
        return execute_and<detail::take_result>(std::move(statement), std::forward<Token>(token));
    }
    /// T: TypedRows<Columns...>. A result with another number of columns is a UsageError.
    template <typename... Columns, typename Token = boost::asio::use_awaitable_t<>>
    auto query(BoundStatement statement, Token&& token = {}) const {
        return execute_and<detail::take_rows<Columns...>>(std::move(statement), std::forward<Token>(token));
    }
    /// T: std::optional<std::tuple<Columns...>>, the only row; none: nullopt. More than one is a UsageError.
    template <typename... Columns, typename Token = boost::asio::use_awaitable_t<>>
    auto query_row(BoundStatement statement, Token&& token = {}) const {
        return execute_and<detail::take_row<Columns...>>(std::move(statement), std::forward<Token>(token));
    }
    /// T: Value, the only value of the only row.
    template <typename Value, typename Token = boost::asio::use_awaitable_t<>>
    auto query_value(BoundStatement statement, Token&& token = {}) const {
        return execute_and<detail::take_value<Value>>(std::move(statement), std::forward<Token>(token));
    }
    /// T: AsyncStream, when the first rows are there.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto stream(BoundStatement statement, Token&& token = {}) const {
        auto start = [statement = std::move(statement)](detail::async_target& target,
                                                        detail::completion_ptr completion) mutable {
            target.stream(std::move(statement), std::move(completion));
        };
        return detail::start_call<take_stream>(target(), std::move(start), std::forward<Token>(token));
    }

private:
    struct take_stream {
        AsyncStream operator()(detail::async_outcome& outcome) const {
            return AsyncStream(std::move(outcome.stream));
        }
    };

    std::shared_ptr<detail::async_target> target() const { return static_cast<const Target&>(*this).target_; }
    template <typename Take, typename Token>
    auto execute_and(BoundStatement statement, Token&& token) const {
        auto start = [statement = std::move(statement)](detail::async_target& target,
                                                        detail::completion_ptr completion) mutable {
            target.execute(std::move(statement), std::move(completion));
        };
        return detail::start_call<Take>(target(), std::move(start), std::forward<Token>(token));
    }
};

/// The calls that an AsyncTenant and an AsyncTransaction have beyond these. Errors, threads and lifetime as
/// there.
template <typename Target>
class AsyncBatchQueries : public AsyncQueries<Target> {
public:
    /// T: std::vector<ResultSet>, one for each statement. All or nothing.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto run(Batch batch, Token&& token = {}) const {
        auto start = [batch = std::move(batch)](detail::async_batch_target& target,
                                                detail::completion_ptr completion) mutable {
            target.run(std::move(batch), std::move(completion));
        };
        return detail::start_call<detail::take_results>(target(), std::move(start),
                                                        std::forward<Token>(token));
    }
    /// Many rows into `table`; see AsyncBulkLoad. Nothing is sent yet. UsageError: there is no such table or
    /// column, or it is not for loads; in a transaction also while a call runs.
    AsyncBulkLoad bulk_load(std::string_view table, std::span<const std::string_view> columns) const {
        detail::check_handle(target());
        Diagnostics failed;
        auto load = target()->bulk_load(table, columns, failed);
        if (failed) throw_error(std::move(failed));
        return AsyncBulkLoad(std::move(load));
    }
    /// The same, with columns that are written down: {"id", "note"}.
    AsyncBulkLoad bulk_load(std::string_view table, std::initializer_list<std::string_view> columns) const {
        return bulk_load(table, std::span(columns.begin(), columns.size()));
    }

private:
    std::shared_ptr<detail::async_batch_target> target() const {
        return static_cast<const Target&>(*this).target_;
    }
};

}  // namespace fairlead

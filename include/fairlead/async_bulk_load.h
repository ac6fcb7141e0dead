#pragma once

#include "fairlead/async_completion.h"
#include "fairlead/value.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

/// Bulk loads of the asynchronous API: part of async.h.
namespace fairlead {

namespace detail {

/// What is behind an AsyncBulkLoad.
class FAIRLEAD_API async_load : public async_origin {
public:
    using async_origin::async_origin;
    virtual bool add(std::span<const Argument> values, Diagnostics& failed) = 0;
    virtual void send(completion_ptr completion) = 0;
    virtual void finish(completion_ptr completion) = 0;
    virtual void undo(completion_ptr completion) = 0;
};

}  // namespace detail

/// Many rows into one table, the tenant forced; see BulkLoad. Rows are collected without waiting and sent
/// when there are enough of them:
///
///     AsyncBulkLoad load = acme.bulk_load("orders", {"id", "note"});
///     for (...)
///         if (load.row(id, note)) co_await load.send();
///     co_await load.finish();
///
/// All rows or none.
///
/// Errors: as BulkLoad; send() and finish() bring those of the server. Threads: one at a time, and one call
/// at a time, those of its transaction included. Lifetime: destroyed before its end, also while a call runs,
/// it is undone in the background; when rows of it were sent within a transaction, that transaction is over:
/// it is rolled back as a whole. undo() leaves the transaction in force. Movable.
class AsyncBulkLoad {
public:
    /// Empty; only to be assigned to.
    AsyncBulkLoad() = default;
    /// Made by the library.
    explicit AsyncBulkLoad(std::shared_ptr<detail::async_load> load) : load_(std::move(load)) {}
    AsyncBulkLoad(AsyncBulkLoad&&) noexcept = default;             ///< the other can only be assigned to
    AsyncBulkLoad& operator=(AsyncBulkLoad&&) noexcept = default;  ///< as if the own one was destroyed

    /// One row: a value for each column, in their order, copied. True: there are enough, and send() must come
    /// before the next. UsageError: it did not, or a call runs (the row was not taken); or the values do not
    /// fit the columns: then only finish() and undo() are left, and undo the load.
    template <typename... Values>
    [[nodiscard]] bool row(const Values&... values) {
        const std::array<Argument, sizeof...(Values)> arguments{Argument(values)...};
        return add(arguments);
    }
    /// One row whose number of values is known only when the program runs.
    [[nodiscard]] bool add(std::span<const Argument> values) {
        Diagnostics failed;
        const bool full = add(failed, values);
        if (failed) throw_error(std::move(failed));
        return full;
    }
    /// The same, not throwing.
    [[nodiscard]] bool add(Diagnostics& failed, std::span<const Argument> values) {
        detail::check_handle(load_);
        return load_->add(values, failed);
    }

    /// T: nothing. Sends the rows that there are; also when they are few, or none. A failure has undone the
    /// load, and it is over; a transaction that it is a part of goes on, unless the call was interrupted.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto send(Token&& token = {}) {
        return detail::start_call<detail::take_nothing>(load_, &detail::async_load::send,
                                                        std::forward<Token>(token));
    }
    /// T: std::uint64_t, rows loaded. Sends what is left, and the load is over. OutcomeUnknown: the
    /// connection broke before the server had answered the COMMIT of a load that is not part of a
    /// transaction.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto finish(Token&& token = {}) {
        return detail::start_call<detail::take_count>(load_, &detail::async_load::finish,
                                                      std::forward<Token>(token));
    }
    /// T: nothing. Nothing of the load stays, and it is over. No failure of database and network.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto undo(Token&& token = {}) {
        return detail::start_call<detail::take_nothing>(load_, &detail::async_load::undo,
                                                        std::forward<Token>(token));
    }

private:
    std::shared_ptr<detail::async_load> load_;
};

}  // namespace fairlead

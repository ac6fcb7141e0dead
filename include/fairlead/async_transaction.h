#pragma once

#include "fairlead/async_queries.h"
#include "fairlead/tenant.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

/// Transactions of the asynchronous API: part of async.h.
namespace fairlead {

class AsyncTransaction;

namespace detail {

/// A savepoint of a transaction, from open() to one of the others. Dropped between, the transaction is over.
class FAIRLEAD_API async_savepoint : public async_origin {
public:
    using async_origin::async_origin;
    virtual void open(completion_ptr completion) = 0;
    virtual void release(completion_ptr completion) = 0;
    virtual void undo(completion_ptr completion) = 0;
};

class FAIRLEAD_API async_transaction_target : public async_batch_target {
public:
    using async_batch_target::async_batch_target;
    virtual void commit(completion_ptr completion) = 0;
    virtual void rollback(completion_ptr completion) = 0;
    virtual bool is_open() const = 0;
    virtual std::shared_ptr<async_savepoint> savepoint() = 0;
};

template <typename Awaited>
struct awaited_value;
template <typename Value, typename Executor>
struct awaited_value<boost::asio::awaitable<Value, Executor>> {
    using type = Value;
};
/// What a coroutine `Work(AsyncTransaction&)` brings.
template <typename Work>
using work_value = typename awaited_value<std::invoke_result_t<Work&, AsyncTransaction&>>::type;

template <typename Work>
boost::asio::awaitable<work_value<Work>> run_savepoint(std::shared_ptr<async_transaction_target> target,
                                                       Work work);

}  // namespace detail

/// A transaction on one server connection; see Transaction.
///
/// Errors: as Transaction, and UsageError for a call while another runs. Threads: any, one call at a time.
/// Lifetime: destroyed without commit() it is rolled back, in the background, and when a call still runs,
/// after it. Movable, also while a call runs.
class AsyncTransaction : public AsyncBatchQueries<AsyncTransaction> {
public:
    /// Made by the library.
    explicit AsyncTransaction(std::shared_ptr<detail::async_transaction_target> target)
        : target_(std::move(target)) {}
    AsyncTransaction(AsyncTransaction&&) noexcept = default;  ///< the other can only be assigned to
    AsyncTransaction& operator=(AsyncTransaction&&) noexcept = default;  ///< rolls the own one back

    /// T: nothing. OutcomeUnknown: the connection broke before the server had answered COMMIT.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto commit(Token&& token = {}) {
        return detail::start_call<detail::take_nothing>(target_, &detail::async_transaction_target::commit,
                                                        std::forward<Token>(token));
    }
    /// T: nothing. A connection that breaks has rolled back: that is no failure.
    template <typename Token = boost::asio::use_awaitable_t<>>
    auto rollback(Token&& token = {}) {
        return detail::start_call<detail::take_nothing>(target_, &detail::async_transaction_target::rollback,
                                                        std::forward<Token>(token));
    }
    /// Whether it can still be committed or rolled back, as far as is known while a call runs.
    bool is_open() const { return target_ != nullptr && target_->is_open(); }

    /// Runs `work`, a coroutine awaitable<T>(AsyncTransaction&), on the executor of the tenant. If it throws,
    /// what it did is undone, what it threw arrives, and the transaction goes on. T: what it returns; must be
    /// default-constructible. Failures arrive as exceptions, so as_diagnostics is no token for it.
    ///
    /// `work` is copied or moved in. It gets a handle of its own to this transaction: this one may be moved
    /// meanwhile, but calls are for `work` to make. When the coroutine is destroyed in its midst (with its
    /// context), or a call of it was interrupted, the whole transaction is over.
    template <std::invocable<AsyncTransaction&> Work, typename Token = boost::asio::use_awaitable_t<>>
    auto savepoint(Work work, Token&& token = {}) {
        detail::check_handle(target_);
        return boost::asio::co_spawn(target_->executor(), detail::run_savepoint(target_, std::move(work)),
                                     std::forward<Token>(token));
    }

private:
    friend class AsyncQueries<AsyncTransaction>;
    friend class AsyncBatchQueries<AsyncTransaction>;

    std::shared_ptr<detail::async_transaction_target> target_;
};

namespace detail {

/// In place of void.
template <typename Value>
using storable = std::conditional_t<std::is_void_v<Value>, std::monostate, Value>;

/// Runs `work` with a handle of its own. What it throws is returned, since where it is caught nothing can be
/// awaited.
template <typename Work, typename Value>
boost::asio::awaitable<std::exception_ptr> try_work(Work& work,
                                                    std::shared_ptr<async_transaction_target> target,
                                                    std::optional<Value>& value) {
    AsyncTransaction tx(std::move(target));
    try {
        if constexpr (std::is_void_v<work_value<Work>>) {
            co_await work(tx);
            value.emplace();
        } else {
            value.emplace(co_await work(tx));
        }
    } catch (...) {
        co_return std::current_exception();
    }
    co_return nullptr;
}

template <typename Work>
boost::asio::awaitable<work_value<Work>> run_savepoint(std::shared_ptr<async_transaction_target> target,
                                                       Work work) {
    const std::shared_ptr<async_savepoint> savepoint = target->savepoint();
    co_await start_call<take_nothing>(savepoint, &async_savepoint::open, boost::asio::use_awaitable);
    std::optional<storable<work_value<Work>>> value;
    const std::exception_ptr thrown = co_await try_work(work, target, value);
    // Whoever was cancelled undoes, too.
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    if (thrown) {
        co_await start_call<take_nothing>(savepoint, &async_savepoint::undo, as_diagnostics);
        std::rethrow_exception(thrown);
    }
    co_await start_call<take_nothing>(savepoint, &async_savepoint::release, boost::asio::use_awaitable);
    if constexpr (!std::is_void_v<work_value<Work>>) co_return *std::move(value);
}

/// Whether it says that nothing of the transaction has happened, and that the next attempt may succeed.
inline bool is_serialization_error(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const SerializationError&) {
        return true;
    } catch (...) {
        return false;
    }
}

/// CallCancelled when the coroutine is cancelled before or in the pause.
inline boost::asio::awaitable<void> pause(std::chrono::microseconds length) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, length);
    const auto cancelled = co_await boost::asio::this_coro::cancellation_state;
    boost::system::error_code ignored;
    if (cancelled.cancelled() == boost::asio::cancellation_type::none) {
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    if (cancelled.cancelled() == boost::asio::cancellation_type::none) co_return;
    Diagnostics failed;
    failed.set(errc::cancelled);
    failed.message = "the transaction was cancelled before its next attempt";
    throw_error(std::move(failed));
}

/// `tenant`: what has begin().
template <typename Tenant, typename Work>
boost::asio::awaitable<work_value<Work>> run_transaction(std::shared_ptr<Tenant> tenant,
                                                         TransactionOptions options, Work work) {
    for (attempts attempts(options.retry);;) {
        const std::shared_ptr<async_transaction_target> target = tenant->begin(options);
        std::optional<storable<work_value<Work>>> value;
        std::exception_ptr thrown = co_await try_work(work, target, value);
        // Whoever was cancelled rolls back, too.
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        if (!thrown) {
            auto [failed] =
                co_await AsyncTransaction(target).commit(boost::asio::as_tuple(boost::asio::use_awaitable));
            thrown = failed;
        }
        if (!thrown) {
            if constexpr (std::is_void_v<work_value<Work>>) {
                co_return;
            } else {
                co_return *std::move(value);
            }
        }
        co_await AsyncTransaction(target).rollback(as_diagnostics);
        const auto length = is_serialization_error(thrown) ? attempts.next() : std::nullopt;
        if (!length) std::rethrow_exception(thrown);
        co_await pause(*length);
        co_await boost::asio::this_coro::throw_if_cancelled(true);
    }
}

}  // namespace detail

}  // namespace fairlead

#pragma once

#include "fairlead/async_queries.h"
#include "fairlead/async_session.h"
#include "fairlead/async_transaction.h"
#include "fairlead/tenant.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

/// The asynchronous API, on Boost.Asio (1.81, header-only; the library and the application must be built with
/// the same). This and what it includes (async_*.h) are the only public headers that need it.
///
///     fairlead::AsyncTenant acme(db.tenant("acme"), co_await boost::asio::this_coro::executor);
///     auto users = co_await acme.query<int, std::string>(
///         fairlead::bind("SELECT user_id, username FROM users WHERE user_id > $1", 10));
///
/// Every call takes a completion token as its last argument: a callback, use_future, deferred, or
/// use_awaitable, which is the default. (co_await of a deferred call itself does not compile with Boost 1.81
/// where exceptions are told: its impl/awaitable.hpp tests the wrong variable.) The signature is
/// void(std::exception_ptr, T), so that co_await and futures throw the classes of error.h; with the token
/// `as_diagnostics`, or as_diagnostics(token) around any other, it is void(Diagnostics, T), and nothing is
/// thrown for failures of database and network:
///
///     auto [failed, users] = co_await acme.query<int>(fairlead::bind("..."), fairlead::as_diagnostics);
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

class FAIRLEAD_API async_tenant_target : public async_batch_target {
public:
    using async_batch_target::async_batch_target;
    virtual std::shared_ptr<async_transaction_target> begin(const TransactionOptions& options) = 0;
    virtual std::shared_ptr<async_target> session() = 0;
};

}  // namespace detail

/// A tenant for asynchronous calls; see Tenant.
///
/// Errors: as Tenant, arriving at the completion token. Threads: any number at once. Lifetime: a handle,
/// cheap to copy; keeps the DataSource open. Must not be used once the executor's context is gone.
class FAIRLEAD_API AsyncTenant : public AsyncBatchQueries<AsyncTenant> {
public:
    /// Of calls and their handlers.
    using executor_type = boost::asio::any_io_executor;

    /// `tenant`, whose calls run on `executor`; its context must outlive the calls.
    AsyncTenant(Tenant tenant, const executor_type& executor);

    /// As in the tenant directory.
    const std::string& id() const { return tenant_.id(); }
    /// What calls run on, and handlers that have no executor of their own.
    executor_type get_executor() const {
        detail::check_handle(target_);
        return target_->executor();
    }
    /// The same tenant with other options for its calls.
    AsyncTenant with(CallOptions options) const;
    /// Not yet on the server: it begins with its first statement. Retrying is the caller's: `options.retry`
    /// is not looked at.
    AsyncTransaction begin(const TransactionOptions& options = {}) const;
    /// A connection kept for several calls that share session state. Not yet lent: that is for its first
    /// call.
    AsyncSession session() const;

    /// Runs `work`, a coroutine awaitable<T>(AsyncTransaction&), on get_executor(), and commits; rolls back
    /// when it throws, and what it threw arrives. T: what it returns; must be default-constructible.
    ///
    ///     co_await acme.transaction([&](AsyncTransaction& tx) -> boost::asio::awaitable<void> {
    ///         co_await tx.execute(fairlead::bind("UPDATE orders SET note = $1 WHERE id = $2", note, id));
    ///     });
    ///
    /// By `options.retry` it runs again, after a pause on a timer of Asio, when the server has said that
    /// nothing of it happened (SerializationError, of a statement or of COMMIT; never OutcomeUnknown): it
    /// must not have effects of its own. `work` is copied or moved in; what it refers to must live until the
    /// end. Failures arrive as exceptions, so as_diagnostics is no token for it. Time limits are those of its
    /// calls. As a coroutine of Asio it hears `terminal` cancellation; that ends the call or the pause that
    /// runs, with CallCancelled (what is not of this library that `work` awaits: as it is wont to), and there
    /// is no further attempt.
    template <std::invocable<AsyncTransaction&> Work, typename Token = boost::asio::use_awaitable_t<>>
    auto transaction(Work work, const TransactionOptions& options = {}, Token&& token = {}) const {
        return boost::asio::co_spawn(get_executor(),
                                     detail::run_transaction(target_, options, std::move(work)),
                                     std::forward<Token>(token));
    }

private:
    friend class AsyncQueries<AsyncTenant>;
    friend class AsyncBatchQueries<AsyncTenant>;

    Tenant tenant_;
    std::shared_ptr<detail::async_tenant_target> target_;
};

}  // namespace fairlead

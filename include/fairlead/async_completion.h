#pragma once

#include "fairlead/api.h"
#include "fairlead/error.h"
#include "fairlead/result_set.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// How an asynchronous call comes back: part of async.h, nothing here is for applications.
namespace fairlead {

/// A completion token whose handler gets a Diagnostics in place of an exception. A value. Made by
/// as_diagnostics.
template <typename Token>
struct diagnostics_token {
    Token token;  ///< what the rest is done by
};

/// The type of as_diagnostics. A value.
struct as_diagnostics_t {
    /// `token` itself may be any but another of these.
    template <typename Token>
    diagnostics_token<std::decay_t<Token>> operator()(Token&& token) const {
        return {std::forward<Token>(token)};
    }
};
/// As the completion token of a call of this library: use_awaitable, with a Diagnostics in place of an
/// exception. as_diagnostics(token): the same with another token.
inline constexpr as_diagnostics_t as_diagnostics{};

}  // namespace fairlead

namespace fairlead::detail {

class async_rows;

/// What calls start from: a tenant, a transaction, a stream. Made by std::make_shared.
class FAIRLEAD_API async_origin {
public:
    using executor_type = boost::asio::any_io_executor;

    explicit async_origin(executor_type executor) : executor_(std::move(executor)) {}
    virtual ~async_origin();
    const executor_type& executor() const { return executor_; }

private:
    executor_type executor_;
};

/// What a call has brought; of the values the one that the call is for.
struct async_outcome {
    std::unique_ptr<Diagnostics> failed;  // null: nothing did
    ResultSet result;
    std::vector<ResultSet> results;
    std::shared_ptr<async_rows> stream;
    const result_data* rows = nullptr;
    std::uint64_t count = 0;
};

/// A completion handler, whatever its type, for the compiled part of the library. Destroyed without
/// complete(): the handler is destroyed uncalled.
class FAIRLEAD_API async_completion {
public:
    virtual ~async_completion();
    /// Destroys this, then calls the handler on its executor. `later`: never before this returns.
    virtual void complete(async_outcome&& outcome, bool later) = 0;
    virtual boost::asio::cancellation_slot slot() const = 0;
};
using completion_ptr = std::unique_ptr<async_completion>;

/// The exception that throw_error() would throw; null when nothing failed.
FAIRLEAD_API std::exception_ptr to_exception(Diagnostics&& failed);

/// How a failure is told, the first argument of a handler.
struct by_exception {
    using error = std::exception_ptr;
    static error tell(std::unique_ptr<Diagnostics> failed) {
        return failed ? to_exception(std::move(*failed)) : nullptr;
    }
};
struct by_diagnostics {
    using error = Diagnostics;
    static error tell(std::unique_ptr<Diagnostics> failed) {
        return failed ? std::move(*failed) : Diagnostics();
    }
};

/// What of an outcome is the value of a call, the second argument of a handler; void: there is none.
struct take_result {
    ResultSet operator()(async_outcome& outcome) const { return std::move(outcome.result); }
};
template <typename... Columns>
struct take_rows {
    TypedRows<Columns...> operator()(async_outcome& outcome) const {
        return TypedRows<Columns...>(std::move(outcome.result));
    }
};
struct take_results {
    std::vector<ResultSet> operator()(async_outcome& outcome) const { return std::move(outcome.results); }
};
template <typename... Columns>
struct take_row {
    std::optional<std::tuple<Columns...>> operator()(async_outcome& outcome) const {
        return only_row(take_rows<Columns...>()(outcome));
    }
};
template <typename T>
struct take_value {
    T operator()(async_outcome& outcome) const { return only_value(take_rows<T>()(outcome)); }
};
struct take_count {
    std::uint64_t operator()(async_outcome& outcome) const { return outcome.count; }
};
struct take_nothing {
    void operator()(async_outcome&) const {}
};

template <typename Error, typename Value>
struct signature {
    using type = void(Error, Value);
};
template <typename Error>
struct signature<Error, void> {
    using type = void(Error);
};
template <typename Style, typename Take>
using signature_of =
    typename signature<typename Style::error, std::invoke_result_t<Take, async_outcome&>>::type;

template <typename Token>
inline constexpr bool is_diagnostics_token = std::same_as<Token, as_diagnostics_t>;
template <typename Token>
inline constexpr bool is_diagnostics_token<diagnostics_token<Token>> = true;

/// Calls `handler` with what `outcome` means to it.
template <typename Style, typename Take, typename Handler>
void deliver(Handler&& handler, async_outcome& outcome) {
    using Value = std::invoke_result_t<Take, async_outcome&>;
    if constexpr (std::is_void_v<Value>) {
        std::forward<Handler>(handler)(Style::tell(std::move(outcome.failed)));
    } else {
        Value value{};
        try {
            if (!outcome.failed) value = Take()(outcome);
        } catch (const DatabaseError& mistake) {  // not the columns that were asked for
            outcome.failed = std::make_unique<Diagnostics>(mistake.diagnostics());
        }
        std::forward<Handler>(handler)(Style::tell(std::move(outcome.failed)), std::move(value));
    }
}

/// Whether dispatching to `executor`, which is tracked, would run a handler at once: what dispatch() does
/// then, for less than that costs with executors whose type is erased.
template <typename Executor>
bool runs_here(const Executor& executor) {
    using Context = decltype(boost::asio::prefer(std::declval<boost::asio::io_context::executor_type>(),
                                                 boost::asio::execution::outstanding_work.tracked));
    if constexpr (std::same_as<Executor, boost::asio::any_io_executor>) {
        const auto* const context = executor.template target<Context>();
        return context != nullptr && context->running_in_this_thread();
    } else {
        return false;
    }
}

template <typename Style, typename Take, typename Handler>
class handler_completion final : public async_completion {
public:
    handler_completion(Handler handler, const boost::asio::any_io_executor& fallback)
        : work_(boost::asio::prefer(boost::asio::get_associated_executor(handler, fallback),
                                    boost::asio::execution::outstanding_work.tracked)),
          handler_(std::move(handler)) {}

    void complete(async_outcome&& outcome, bool later) override {
        const auto executor = std::move(work_);
        const auto allocator = boost::asio::get_associated_allocator(handler_);
        auto call = [handler = std::move(handler_), outcome = std::move(outcome), executor]() mutable {
            try {
                deliver<Style, Take>(std::move(handler), outcome);
            } catch (...) {
                // By itself, or Asio would throw it together with those of other calls in this turn.
                boost::asio::post(executor,
                                  [thrown = std::current_exception()] { std::rethrow_exception(thrown); });
            }
        };
        delete this;
        if (later) {
            boost::asio::post(executor, boost::asio::bind_allocator(allocator, std::move(call)));
        } else if (runs_here(executor)) {
            call();
        } else {
            boost::asio::dispatch(executor, boost::asio::bind_allocator(allocator, std::move(call)));
        }
    }
    boost::asio::cancellation_slot slot() const override {
        return boost::asio::get_associated_cancellation_slot(handler_);
    }

private:
    using executor_type = std::decay_t<decltype(boost::asio::prefer(
        std::declval<boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>>(),
        boost::asio::execution::outstanding_work.tracked))>;

    executor_type work_;  // keeps the handler's context running
    Handler handler_;
};

template <typename Style, typename Take, typename Handler>
completion_ptr make_completion(Handler&& handler, const boost::asio::any_io_executor& fallback) {
    using Completion = handler_completion<Style, Take, std::decay_t<Handler>>;
    return std::make_unique<Completion>(std::forward<Handler>(handler), fallback);
}

template <typename Style, typename Take, typename Origin, typename Start, typename Token>
auto start_in_style(std::shared_ptr<Origin> origin, Start start, Token&& token) {
    return boost::asio::async_initiate<Token, signature_of<Style, Take>>(
        [origin = std::move(origin), start = std::move(start)](auto&& handler) mutable {
            auto completion =
                make_completion<Style, Take>(std::forward<decltype(handler)>(handler), origin->executor());
            std::invoke(start, *origin, std::move(completion));
        },
        token);
}

/// UsageError where a handle is empty, or was moved from.
template <typename Handle>
void check_handle(const Handle& handle) {
    if (handle == nullptr) fail_usage("the handle is empty, or was moved from");
}

/// Starts a call from `origin` when the token wants it started; `start` is called with the completion, maybe
/// later and elsewhere, so it owns what it uses.
template <typename Take, typename Origin, typename Start, typename Token>
auto start_call(std::shared_ptr<Origin> origin, Start start, Token&& token) {
    check_handle(origin);
    using Plain = std::remove_cvref_t<Token>;
    if constexpr (std::same_as<Plain, as_diagnostics_t>) {
        return start_in_style<by_diagnostics, Take>(std::move(origin), std::move(start),
                                                    boost::asio::use_awaitable_t<>());
    } else if constexpr (is_diagnostics_token<Plain>) {
        return start_in_style<by_diagnostics, Take>(std::move(origin), std::move(start),
                                                    std::forward<Token>(token).token);
    } else {
        return start_in_style<by_exception, Take>(std::move(origin), std::move(start),
                                                  std::forward<Token>(token));
    }
}

}  // namespace fairlead::detail

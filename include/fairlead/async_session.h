#pragma once

#include "fairlead/async_queries.h"

#include <memory>
#include <utility>

/// Sessions of the asynchronous API: part of async.h.
namespace fairlead {

/// One server connection kept over several calls, for what lives in a session; see Session. It is lent with
/// the first call.
///
/// Errors: a connection that breaks, or whose call is interrupted, is not replaced, since its state is gone:
/// calls then fail with ConnectionFailed. UsageError for a call while another runs. Threads: any, one call at
/// a time, those of its streams included. Lifetime: destroyed, its connection is cleaned in the background
/// before anybody else gets it; when a call still runs, after that. Movable, also while a call runs.
class AsyncSession : public AsyncQueries<AsyncSession> {
public:
    /// Empty; only to be assigned to.
    AsyncSession() = default;
    /// Made by the library.
    explicit AsyncSession(std::shared_ptr<detail::async_target> target) : target_(std::move(target)) {}
    AsyncSession(AsyncSession&&) noexcept = default;             ///< the other can only be assigned to
    AsyncSession& operator=(AsyncSession&&) noexcept = default;  ///< gives the own connection back

private:
    friend class AsyncQueries<AsyncSession>;

    std::shared_ptr<detail::async_target> target_;
};

}  // namespace fairlead

#pragma once

#include "dal/async/async_call.h"
#include "dal/async/call_turn.h"
#include "dal/library/tenant_impl.h"
#include "dal/session/kept_connection.h"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>

namespace fairlead::dal {

class async_service;

/// What a call needs to be made and what must live until it is over.
struct call_place {
    std::shared_ptr<const fairlead::detail::tenant_impl> tenant;
    std::shared_ptr<const tenant_home> home;
    std::shared_ptr<kept_connection> kept;  // null: the call has a connection of its own
    std::shared_ptr<const void> owner;      // the transaction that the call belongs to
    call_turn turn;
};

/// From where calls of one tenant start on one executor. Thread-safe, immutable.
struct call_origin {
    call_origin(std::shared_ptr<const fairlead::detail::tenant_impl> whose,
                const boost::asio::any_io_executor& where)
        : tenant(std::move(whose)), executor(where), service(&async_call::service_of(where)) {}

    void start(std::unique_ptr<async_work> work, async_call::Completion completion) const;
    /// Over without anything to wait for; the handler still runs later.
    static void fail(async_call::Completion completion, Diagnostics failed);
    static void succeed(async_call::Completion completion, fairlead::detail::async_outcome outcome = {});

    std::shared_ptr<const fairlead::detail::tenant_impl> tenant;
    boost::asio::any_io_executor executor;
    async_service* service;  // the context's
};

/// The failure of a call that came while another ran.
Diagnostics another_call_runs();

}  // namespace fairlead::dal

#pragma once

#include "dal/driver/server_session.h"
#include "dal/pool/backend_pool.h"
#include "fairlead/error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace fairlead::dal {

class BackendRuntime;
class lease_waiter;

/// A tenant's place in the pool of one backend: entered while this lives, so that asking for a connection
/// looks up no names. Thread-safe; keep one per tenant handle and backend. It must outlive the requests that
/// were started with it.
class PoolSeat {
public:
    /// `database`: on the server, as the pool counts them (dal/routing/pool_database.h).
    PoolSeat(std::shared_ptr<BackendRuntime> backend, const std::string& tenant, TenantLimits limits,
             const std::string& database);
    ~PoolSeat();
    PoolSeat(const PoolSeat&) = delete;
    PoolSeat& operator=(const PoolSeat&) = delete;

    BackendRuntime& backend() const { return *backend_; }

private:
    friend class LeaseRequest;
    std::shared_ptr<BackendRuntime> backend_;
    TenantSlot tenant_{};
    DatabaseSlot database_{};
};

/// A connection in the hands of a caller.
struct lent_connection {
    ConnectionId id{};
    ServerSession* session = nullptr;
    std::chrono::nanoseconds waited{0};
};

/// A server connection lent to one call, transaction or session; returned by the destructor. What is
/// returned: idle and clean connections go to the next waiter; those in an open transaction are rolled back,
/// those with session state reset, those whose answer is outstanding cancelled and drained (all in the
/// background, still counted as lent); broken ones closed. One thread at a time.
class Lease {
public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { give_back(); }

    explicit operator bool() const { return lent_.session != nullptr; }
    ServerSession& session() const { return *lent_.session; }
    /// A statement left something in the session: reset it before anybody else gets it.
    void mark_dirty() { dirty_ = true; }
    /// An operation was given up in its midst: an answer is outstanding.
    void mark_interrupted() { interrupted_ = true; }
    std::chrono::nanoseconds waited() const { return lent_.waited; }
    void give_back();

private:
    friend class LeaseRequest;
    Lease(std::shared_ptr<BackendRuntime> backend, const lent_connection& lent);

    std::shared_ptr<BackendRuntime> backend_;
    lent_connection lent_;
    bool dirty_ = false;
    bool interrupted_ = false;
};

/// Asks the pool for a connection. Destroying it withdraws the request, and returns a connection that was
/// granted and not taken. One thread at a time.
class LeaseRequest {
public:
    LeaseRequest() = default;
    ~LeaseRequest() { withdraw(); }
    LeaseRequest(const LeaseRequest&) = delete;
    LeaseRequest& operator=(const LeaseRequest&) = delete;

    enum class State : std::uint8_t { waiting, granted, failed };
    /// `wakeup`: called once, on any thread, when a request that waits was granted or failed; not when
    /// start() itself says so. It must be quick and must not call back into this request. When take(),
    /// withdraw() or the destructor has returned, it is not running and never will be. Taken only by a
    /// request that waits.
    State start(const PoolSeat& seat, std::function<void()>&& wakeup);
    State state() const;
    /// When granted.
    Lease take();
    /// The caller has given up. As the destructor; the request may be started again.
    void withdraw();
    /// When failed: errc::pool_timeout, errc::connection with the server's last words, or errc::usage when
    /// the data source was closed.
    Diagnostics failed() const;

private:
    std::shared_ptr<BackendRuntime> backend_;  // null: not started, or taken
    lent_connection lent_;                     // granted at once
    std::shared_ptr<lease_waiter> waiter_;     // else
};

}  // namespace fairlead::dal

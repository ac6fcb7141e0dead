#pragma once

#include "dal/driver/server_session.h"
#include "dal/pool/backend_pool.h"
#include "fairlead/error.h"

#include <functional>
#include <memory>
#include <string>

namespace fairlead::dal {

class BackendRuntime;

/// A tenant's place in the pool of one backend: entered while this lives, so that asking for a connection
/// looks up no names. Thread-safe; keep one per tenant handle and backend.
class PoolSeat {
public:
    /// `database`: on the server, as the pool counts them (MySQL: "" for all, its connections are not bound
    /// to one).
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

/// A server connection lent to one call, transaction or session; returned by the destructor. What is
/// returned: idle and clean connections go to the next waiter; those in an open transaction are rolled back,
/// those with session state reset, those whose answer is outstanding cancelled and drained (all in the
/// background, still counted as lent); broken ones closed.
class Lease {
public:
    Lease() = default;
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) noexcept;
    ~Lease();

    explicit operator bool() const { return session_ != nullptr; }
    ServerSession& session() const { return *session_; }
    /// A statement left something in the session: reset it before anybody else gets it.
    void mark_dirty() { dirty_ = true; }
    /// An operation was given up in its midst: an answer is outstanding.
    void mark_interrupted() { interrupted_ = true; }
    std::chrono::nanoseconds waited() const { return waited_; }
    void give_back();

private:
    friend class LeaseRequest;
    std::shared_ptr<BackendRuntime> backend_;
    ConnectionId connection_{};
    ServerSession* session_ = nullptr;
    std::chrono::nanoseconds waited_{0};
    bool dirty_ = false;
    bool interrupted_ = false;
};

/// Asks the pool for a connection. Destroying it withdraws the request, and returns a connection that was
/// granted and not taken.
class LeaseRequest {
public:
    LeaseRequest() = default;
    ~LeaseRequest();
    LeaseRequest(const LeaseRequest&) = delete;
    LeaseRequest& operator=(const LeaseRequest&) = delete;

    enum class State : std::uint8_t { waiting, granted, failed };
    /// `wakeup`: called once, on any thread, when a request that waits was granted or failed.
    State start(const PoolSeat& seat, std::function<void()> wakeup);
    State state() const;
    /// When granted.
    Lease take();
    /// When failed: errc::pool_timeout, or errc::connection with the server's last words.
    Diagnostics failed() const;

private:
    struct Waiting;
    std::shared_ptr<Waiting> waiting_;
};

}  // namespace fairlead::dal

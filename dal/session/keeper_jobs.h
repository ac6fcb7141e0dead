#pragma once

#include "dal/session/backend_runtime.h"
#include "dal/session/connection_attempt.h"
#include "dal/session/keeper_job.h"

#include <memory>
#include <optional>

namespace fairlead::dal {

/// Opens a connection that the pool wants.
class login_job final : public keeper_job {
public:
    login_job(const keeper_tools& tools, std::shared_ptr<BackendRuntime> backend, backend_work::login order,
              std::size_t first_address, TimePoint now);
    wish wants() const override { return attempt_.wants(); }
    bool advance(Wait ready, TimePoint now) override;

private:
    std::shared_ptr<BackendRuntime> backend_;
    ConnectionId connection_;
    connection_attempt attempt_;
};

/// Looks whether a connection that was idle for long is alive: without a word from the server, and where
/// pool_pre_ping asks for it (or the server has said something) by a ping.
class check_job final : public keeper_job {
public:
    check_job(std::shared_ptr<BackendRuntime> backend, backend_work::check order, TimePoint now);
    wish wants() const override { return {order_.session->descriptor(), wait_, deadline_}; }
    bool advance(Wait ready, TimePoint now) override;
    void abandon() override { backend_->checked(order_, false); }

private:
    bool finish(bool alive);

    std::shared_ptr<BackendRuntime> backend_;
    backend_work::check order_;
    TimePoint deadline_;
    Wait wait_ = Wait::nothing;
    bool began_ = false;
};

/// How many connections that cancel statements are open to one backend; counted by their jobs.
struct cancel_slots {
    static constexpr unsigned most = 2;
    unsigned used = 0;
};

/// Makes a connection clean that came back with an answer outstanding, a transaction open, or state left in
/// its session; closes it when that takes too long.
class recovery_job final : public keeper_job {
public:
    recovery_job(const keeper_tools& tools, std::shared_ptr<BackendRuntime> backend,
                 backend_work::recovery order, std::shared_ptr<cancel_slots> slots);
    ~recovery_job() override { end_cancel(); }
    wish wants() const override;
    bool advance(Wait ready, TimePoint now) override;

private:
    /// In this order; those that are not needed are skipped.
    enum class phase : std::uint8_t {
        begin,
        waiting_to_cancel,  // an answer is outstanding; it may still come by itself
        connecting_cancel,  // nothing is read meanwhile: the cancel must not meet a later statement
        cancelling,
        draining,  // and, after a pause, waiting_to_cancel again: the cancel may have met nothing
        // A cancel that came too late must meet a ping, not somebody's statement. MariaDB 10.11 and
        // PostgreSQL 15 forget one that meets nothing (measured); that every server does is not said
        // anywhere.
        settling,
        rolling_back,
        resetting,
    };
    bool begin(TimePoint now);
    bool wait_to_cancel(Wait ready, TimePoint now);
    bool connect_cancel(Wait ready, TimePoint now);
    bool cancel(Wait wait, TimePoint now);
    bool drain(TimePoint now);
    bool cancel_again(TimePoint now);
    void limit(TimePoint now);
    bool step(phase next, Wait wait, TimePoint now);
    bool go_on(Wait wait, TimePoint now);
    bool finish(bool clean);
    void end_cancel();

    const keeper_tools& tools_;
    std::shared_ptr<BackendRuntime> backend_;
    backend_work::recovery order_;
    std::shared_ptr<cancel_slots> slots_;
    phase phase_ = phase::begin;
    Wait wait_ = Wait::nothing;
    TimePoint deadline_ = TimePoint::max();
    bool limited_ = false;  // deadline_ is final

    std::optional<connection_attempt> attempt_;
    std::unique_ptr<ServerSession> canceller_;
    std::string cancel_statement_;
    Wait cancel_wait_ = Wait::nothing;
    bool holds_slot_ = false;
    bool cancelled_ = false;
    TimePoint cancel_again_ = TimePoint::max();
    Duration pause_;
};

}  // namespace fairlead::dal

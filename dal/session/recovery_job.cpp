#include "dal/session/keeper_jobs.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal {
namespace {

// From the moment when the first cancel is sent or could not be, or from the start where none is needed.
constexpr std::chrono::seconds recovery_limit{5};
// A cancel that is faster than its statement meets nothing, and the answer is then as far away as before.
// Each costs the server a login, so the next one waits twice as long.
constexpr std::chrono::milliseconds first_pause{100};
// For a turn at cancelling. With a server that hangs, those behind the first would else wait for ever.
constexpr std::chrono::seconds longest_queue{10};

}  // namespace

recovery_job::recovery_job(const keeper_tools& tools, std::shared_ptr<BackendRuntime> backend,
                           backend_work::recovery order, std::shared_ptr<cancel_slots> slots)
    : tools_(tools),
      backend_(std::move(backend)),
      order_(std::move(order)),
      slots_(std::move(slots)),
      pause_(first_pause) {}

keeper_job::wish recovery_job::wants() const {
    if (phase_ == phase::connecting_cancel) {
        wish login = attempt_->wants();
        login.deadline = std::min(login.deadline, deadline_);
        return login;
    }
    if (phase_ == phase::cancelling) return {canceller_->descriptor(), cancel_wait_, deadline_};
    const TimePoint until = phase_ == phase::draining ? std::min(cancel_again_, deadline_) : deadline_;
    return {order_.session->descriptor(), wait_, until};
}

bool recovery_job::advance(Wait ready, TimePoint now) {
    if (phase_ == phase::begin) return begin(now);
    if (now >= deadline_) return finish(false);
    if (phase_ == phase::connecting_cancel) return connect_cancel(ready, now);
    if (phase_ == phase::waiting_to_cancel) return wait_to_cancel(ready, now);
    if (ready == Wait::nothing) return phase_ != phase::draining || now < cancel_again_ || cancel_again(now);
    if (phase_ == phase::cancelling) return cancel(canceller_->resume(ready), now);
    return go_on(order_.session->resume(ready), now);
}

bool recovery_job::begin(TimePoint now) {
    if (!order_.interrupted) {
        deadline_ = now + recovery_limit;
        return go_on(Wait::nothing, now);
    }
    deadline_ = now + longest_queue;
    phase_ = phase::waiting_to_cancel;
    wait_ = order_.session->start_drain();
    if (wait_ == Wait::nothing) return go_on(Wait::nothing, now);
    return wait_to_cancel(Wait::nothing, now);
}

bool recovery_job::wait_to_cancel(Wait ready, TimePoint now) {
    if (ready != Wait::nothing) {
        wait_ = order_.session->resume(ready);
        if (wait_ == Wait::nothing) return go_on(Wait::nothing, now);
    }
    if (slots_->used >= cancel_slots::most) return true;
    ++slots_->used;
    holds_slot_ = true;
    phase_ = phase::connecting_cancel;
    if (!limited_) deadline_ = TimePoint::max();  // the login has a limit of its own
    cancel_statement_ = order_.session->cancel_statement();
    attempt_.emplace(tools_, order_.origin, now);
    return connect_cancel(Wait::nothing, now);
}

bool recovery_job::connect_cancel(Wait ready, TimePoint now) {
    const auto state = attempt_->advance(ready, now);
    if (state == connection_attempt::state::running) return true;
    if (state == connection_attempt::state::failed) return drain(now);
    canceller_ = attempt_->take();
    phase_ = phase::cancelling;
    limit(now);
    cancelled_ = true;
    StatementJob job;
    job.sql = cancel_statement_;
    job.prepare = false;
    return cancel(canceller_->start(job), now);
}

bool recovery_job::cancel(Wait wait, TimePoint now) {
    cancel_wait_ = wait;
    if (wait != Wait::nothing) return true;
    // The cancel may still be on its way, and would meet whoever has the connection by then.
    if (canceller_->is_broken()) return finish(false);
    return drain(now);
}

/// Goes on with the drain that was begun first; what it waits for has not changed.
bool recovery_job::drain(TimePoint now) {
    end_cancel();
    phase_ = phase::draining;
    limit(now);
    cancel_again_ = now + pause_;
    pause_ *= 2;
    return true;
}

bool recovery_job::cancel_again(TimePoint now) {
    phase_ = phase::waiting_to_cancel;
    return wait_to_cancel(Wait::nothing, now);
}

/// Once: what is cancelled again gets no more time.
void recovery_job::limit(TimePoint now) {
    if (!std::exchange(limited_, true)) deadline_ = now + recovery_limit;
}

bool recovery_job::step(phase next, Wait wait, TimePoint now) {
    phase_ = next;
    return go_on(wait, now);
}

bool recovery_job::go_on(Wait wait, TimePoint now) {
    wait_ = wait;
    if (wait != Wait::nothing) return true;
    ServerSession& session = *order_.session;
    if (session.is_broken()) return finish(false);
    const bool must_succeed = phase_ == phase::rolling_back || phase_ == phase::resetting;
    if (must_succeed && session.failed()) return finish(false);
    if (phase_ < phase::settling && cancelled_) return step(phase::settling, session.start_ping(), now);
    const TransactionStatus status = session.status();
    const bool in_transaction = status == TransactionStatus::open || status == TransactionStatus::failed;
    if (phase_ < phase::rolling_back && in_transaction)
        return step(phase::rolling_back, session.start_command("ROLLBACK"), now);
    if (phase_ < phase::resetting && order_.dirty) return step(phase::resetting, session.start_reset(), now);
    return finish(session.status() == TransactionStatus::idle);
}

bool recovery_job::finish(bool clean) {
    end_cancel();
    if (clean) backend_->recovered(order_.connection);
    if (!clean) backend_->lost(order_.connection);
    return false;
}

void recovery_job::end_cancel() {
    canceller_.reset();
    attempt_.reset();
    if (std::exchange(holds_slot_, false)) --slots_->used;
}

}  // namespace fairlead::dal

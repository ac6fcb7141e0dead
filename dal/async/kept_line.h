#pragma once

#include "dal/async/call_origin.h"
#include "dal/library/kept_calls.h"
#include "fairlead/async.h"

#include <atomic>
#include <memory>

namespace fairlead::dal {

/// Calls on a connection that is kept, one at a time: what is behind a transaction, with its savepoints and
/// loads, or a session. Each call that runs holds it, and so does each stream. Thread-safe. Destroyed, the
/// connection goes back; the keeper rolls back what is open.
class kept_line final : public std::enable_shared_from_this<kept_line> {
public:
    using Completion = async_call::Completion;

    /// `transaction` null: a session. Made by std::make_shared.
    kept_line(const call_origin& origin, const TransactionOptions* transaction)
        : origin_(origin), calls_(origin.tenant, transaction) {}
    ~kept_line();

    /// Takes the turn, and fills `place` for one call. False: it cannot run, as `failed` says.
    bool enter(call_place& place, Diagnostics& failed);
    /// The same; `completion` has got the failure.
    bool enter(call_place& place, Completion& completion);
    /// Starts what `make` makes of the place.
    template <typename Make>
    void start(Completion completion, Make make) {
        call_place place;
        if (enter(place, completion)) origin_.start(make(std::move(place)), std::move(completion));
    }
    void execute(BoundStatement statement, Completion completion);
    void stream(BoundStatement statement, Completion completion);

    /// Whether it has ended, as far as is known while a call runs.
    bool is_open() const;
    /// Somebody has dropped what should have been undone alone: the next call finds the transaction ended.
    /// Any thread, also while a call runs.
    void lose_part() { part_lost_ = true; }
    const call_origin& origin() const { return origin_; }

private:
    const call_origin origin_;
    const call_turn::flag flag_ = call_turn::make_flag();
    fairlead::detail::kept_calls calls_;  // of who has the turn
    std::atomic<bool> part_lost_ = false;
};

}  // namespace fairlead::dal

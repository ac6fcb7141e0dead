#pragma once

#include "dal/session/kept_connection.h"
#include "dal/session/operation.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fairlead::dal {

/// What all calls on a server connection have in common: getting one if the call has none, driving what a
/// derived class starts on it, telling the failure, giving it back.
class session_operation : public Operation {
public:
    /// Given up in its midst, the call is as if it had been interrupted.
    ~session_operation() override;

    void on_wakeup(std::function<void()> wakeup) final { wakeup_ = std::move(wakeup); }
    void may_block() final { may_block_ = true; }
    Step advance(Wait ready) final;
    void interrupt(errc why) final;
    std::optional<TimePoint> deadline() const final { return deadline_; }
    const Diagnostics& failed() const final { return failed_; }

protected:
    /// `kept`: the transaction or session that the call belongs to; null: it has a connection of its own, of
    /// `home`. Both outlive the operation. `timeout` 0: none; it begins now.
    session_operation(const tenant_home& home, kept_connection* kept, std::chrono::milliseconds timeout);

    /// Before a connection is asked for; `failed` ends the call without one.
    virtual void prepare(Diagnostics& failed) = 0;
    /// A connection is there: start something on it.
    virtual Wait start(ServerSession& session) = 0;
    /// Whether start() sends what put_in_front() says; else the transaction is begun before it.
    virtual bool takes_begin() const { return true; }
    /// Whether start() asks the server for something when the last answer was read to its end.
    virtual bool starts_afresh() const { return false; }
    /// What was started has succeeded; nullopt: the call is over, else something more was started.
    virtual std::optional<Wait> proceed(ServerSession& session) = 0;
    /// The call is over, with or without failure, and its connection is still there if it got one.
    virtual void over() {}
    /// Whether a connection that breaks behind what was sent leaves it open whether it took effect.
    virtual bool may_take_effect() const { return false; }
    /// Whether the same holds for a call that is interrupted.
    virtual bool interrupted_unknown() const { return false; }
    /// MySQL: whether the server may have committed the transaction around it although it has failed.
    virtual bool may_have_committed() const { return false; }
    /// Whether the connection of its own stays when the call has succeeded (streams).
    virtual bool keeps_connection() const { return false; }

    Lease& lease() { return kept_ != nullptr ? kept_->lease() : own_; }
    const tenant_home& home() const { return home_; }
    kept_connection* kept() const { return kept_; }
    bool blocks() const { return may_block_; }
    /// How long it waited for its connection; nullopt: it asked for none.
    std::optional<std::chrono::nanoseconds> waited() const { return waited_; }
    /// The begin and context that belong in front of the next statement. Valid until the next call.
    void put_in_front(StatementJob& job);
    /// Another round on the same connection: advance() may be called again.
    void begin_again(std::chrono::milliseconds timeout);
    /// Its answer is outstanding and nobody wants it.
    void give_up();

    Diagnostics failed_;

private:
    enum class stage : std::uint8_t { fresh, waiting, running, over };

    bool reads_as_judged(const ServerSession& session);
    Step on_connection();
    Step drive(Wait wait, bool afresh = false);
    std::optional<Wait> go_on(ServerSession& session);
    Step finish();
    Diagnostics explain(const Diagnostics& server) const;

    const tenant_home& home_;
    kept_connection* const kept_;
    bool may_block_ = false;
    std::optional<TimePoint> deadline_;
    stage stage_ = stage::fresh;
    std::optional<std::chrono::nanoseconds> waited_;
    std::function<void()> wakeup_;
    std::string context_value_;
    bool with_context_ = false;
    std::span<const std::string> openings_;  // that are still to be run; the first may be running
    bool opening_ = false;
    LeaseRequest request_;
    Lease own_;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/session/command_operation.h"
#include "dal/session/kept_connection.h"
#include "dal/session/operation.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace fairlead::dal {

/// COMMIT or ROLLBACK of a transaction, in whatever state it is; afterwards it has ended. One that was never
/// begun on the server costs nothing.
///
/// A commit of a transaction that had failed rolls back and fails with errc::transaction_state; while a
/// stream is open, or when it has ended, it fails and changes nothing. A rollback never fails: what the
/// server does not answer in time is rolled back with its connection.
class ending_operation final : public Operation {
public:
    enum class How : std::uint8_t { commit, rollback };

    /// `timeout`: of a commit; 0: none.
    ending_operation(std::shared_ptr<kept_connection> kept, How how, std::chrono::milliseconds timeout);
    ~ending_operation() override;

    void on_wakeup(std::function<void()> wakeup) override { wakeup_ = std::move(wakeup); }
    Step advance(Wait ready) override;
    void interrupt(errc why) override;
    std::optional<TimePoint> deadline() const override;
    const Diagnostics& failed() const override { return failed_; }

private:
    /// Chooses what is to be sent; nothing: the operation is over.
    void begin();
    void begin_commit();
    void begin_rollback();
    void send(const char* text, std::chrono::milliseconds timeout, command_operation::Effect effect);
    void settle();

    const std::shared_ptr<kept_connection> kept_;
    const How how_;
    const std::chrono::milliseconds timeout_;
    std::function<void()> wakeup_;
    std::optional<command_operation> command_;
    Diagnostics failed_;
    bool begun_ = false;
    bool over_ = false;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/session/command_operation.h"
#include "dal/session/kept_connection.h"
#include "dal/session/operation.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::dal {

/// What the ends of transactions and of their savepoints have in common: texts of ours on a kept connection,
/// or, where it stands so that nothing is to be said to the server, none.
class kept_command : public Operation {
public:
    ~kept_command() override;

    void on_wakeup(std::function<void()> wakeup) final { wakeup_ = std::move(wakeup); }
    Step advance(Wait ready) final;
    void interrupt(errc why) final;
    std::optional<TimePoint> deadline() const final;
    const Diagnostics& failed() const final { return failed_; }

protected:
    explicit kept_command(std::shared_ptr<kept_connection> kept) : kept_(std::move(kept)) {}

    /// Chooses what is to be sent; nothing: the operation is over.
    virtual void begin() = 0;
    /// What was sent is answered, or given up: `command` says how it went.
    virtual void settle(const Diagnostics& command) = 0;
    /// Given up before it began.
    virtual void never_began(errc why) = 0;

    /// `timeout` 0: none.
    void send(std::vector<std::string> texts, std::chrono::milliseconds timeout,
              command_operation::Effect effect = command_operation::Effect::none);
    kept_connection& kept() { return *kept_; }

    Diagnostics failed_;

private:
    void close();

    const std::shared_ptr<kept_connection> kept_;
    std::function<void()> wakeup_;
    std::optional<command_operation> command_;
    bool begun_ = false;
    bool over_ = false;
};

}  // namespace fairlead::dal

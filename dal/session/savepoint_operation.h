#pragma once

#include "dal/session/kept_command.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace fairlead::dal {

/// SAVEPOINT, RELEASE and ROLLBACK TO of a transaction.
///
/// Undoing never fails: a transaction that has ended has undone it, one whose stream is open is ended by it,
/// and where the server does not manage it, the transaction stays failed.
class savepoint_operation final : public kept_command {
public:
    enum class How : std::uint8_t { open, undo, release };

    /// `name`: what open made. `timeout`: of open and release; 0: none.
    savepoint_operation(std::shared_ptr<kept_connection> kept, How how, std::string name,
                        std::chrono::milliseconds timeout)
        : kept_command(std::move(kept)), how_(how), timeout_(timeout), name_(std::move(name)) {}

    /// After open: of the savepoint. Empty: nothing was sent.
    const std::string& name() const { return name_; }

private:
    void begin() override;
    void begin_undo();
    void settle(const Diagnostics& command) override;
    void never_began(errc why) override;

    const How how_;
    const std::chrono::milliseconds timeout_;
    std::string name_;
};

}  // namespace fairlead::dal

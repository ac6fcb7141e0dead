#pragma once

#include "dal/session/kept_command.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace fairlead::dal {

/// COMMIT or ROLLBACK of a transaction, in whatever state it is; afterwards it has ended. One that was never
/// begun on the server costs nothing.
///
/// A commit of a transaction that had failed rolls back and fails with errc::transaction_state; while a
/// stream is open, or when it has ended, it fails and changes nothing. A rollback never fails: what the
/// server does not answer in time is rolled back with its connection.
class ending_operation final : public kept_command {
public:
    enum class How : std::uint8_t { commit, rollback };

    /// `timeout`: of a commit; 0: none.
    ending_operation(std::shared_ptr<kept_connection> kept, How how, std::chrono::milliseconds timeout)
        : kept_command(std::move(kept)), how_(how), timeout_(timeout) {}

private:
    void begin() override;
    void begin_commit();
    void begin_rollback();
    void settle(const Diagnostics& command) override;
    void never_began(errc why) override;

    const How how_;
    const std::chrono::milliseconds timeout_;
};

}  // namespace fairlead::dal

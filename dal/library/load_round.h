#pragma once

#include "dal/library/table_load.h"
#include "dal/session/ending_operation.h"
#include "dal/session/load_operation.h"
#include "dal/session/savepoint_operation.h"
#include "dal/session/statement_operation.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace fairlead::detail {

/// What a bulk load has to do with the server at one time: open its savepoint, send its rows, end. When one
/// of these fails, all of the load is undone before the round is over.
class load_round final : public dal::Operation {
public:
    enum class How : std::uint8_t {
        send,    // the rows that are there
        finish,  // these, and commit or release
        undo,    // never fails
    };

    /// `load` outlives it. The time of the tenant's options begins now.
    load_round(table_load& load, How how);
    ~load_round() override;

    void on_wakeup(std::function<void()> wakeup) override { wakeup_ = std::move(wakeup); }
    dal::Step advance(dal::Wait ready) override;
    void interrupt(errc why) override;
    std::optional<dal::TimePoint> deadline() const override;
    const Diagnostics& failed() const override { return failed_; }

private:
    enum class part : std::uint8_t { fresh, savepoint, rows, ending, undoing, over };

    void begin();
    /// The part that ran is done.
    void settle();
    void after_rows();
    void open_savepoint();
    void send_rows();
    void send_text();
    void send_inserts();
    void end();
    void undo();
    /// The load's own transaction ends as `whole`; of another's, its part `within`.
    void close(dal::ending_operation::How whole, dal::savepoint_operation::How within, part which);
    void be_over();
    void run(dal::Operation& operation, part which);

    table_load& load_;
    const How how_;
    std::optional<dal::TimePoint> deadline_;
    std::function<void()> wakeup_;
    part part_ = part::fresh;
    std::string sql_;
    std::uint64_t given_ = 0;  // rows that are being sent
    std::optional<dal::savepoint_operation> savepoint_;
    std::optional<dal::load_operation> text_;
    std::optional<dal::statement_operation> inserts_;
    std::optional<dal::savepoint_operation> part_end_;
    std::optional<dal::ending_operation> ending_;
    dal::Operation* running_ = nullptr;  // one of these
    Diagnostics failed_;
};

}  // namespace fairlead::detail

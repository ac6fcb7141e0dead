#pragma once

#include "dal/session/batch_operation.h"
#include "dal/session/ending_operation.h"

#include <memory>
#include <vector>

namespace fairlead::dal {

/// A batch in a transaction of its own, begun and ended by it: where a pipeline is not one by itself (MySQL).
class transaction_batch final : public Operation {
public:
    /// `kept`: not yet begun. Services and what the statements point at outlive the operation. At least one
    /// statement.
    transaction_batch(call_services& services, std::shared_ptr<kept_connection> kept,
                      std::vector<Statement> statements, const CallOptions& options);
    ~transaction_batch() override;

    /// After success; one for each statement.
    std::vector<ResultSet> take_results() { return batch_.take_results(); }

    void on_wakeup(std::function<void()> wakeup) override;
    Step advance(Wait ready) override;
    void interrupt(errc why) override;
    std::optional<TimePoint> deadline() const override { return batch_.deadline(); }
    const Diagnostics& failed() const override;

private:
    const std::shared_ptr<kept_connection> kept_;
    batch_operation batch_;
    std::function<void()> wakeup_;
    std::optional<ending_operation> ending_;
};

}  // namespace fairlead::dal

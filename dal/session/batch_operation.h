#pragma once

#include "dal/session/call_record.h"
#include "dal/session/session_operation.h"
#include "dal/session/statement_plan.h"
#include "fairlead/options.h"

#include <span>
#include <vector>

namespace fairlead::dal {

/// Several statements in order, up to the first that fails. All are judged before any is sent. Without
/// `kept`, on PostgreSQL, they are one transaction, since they are one pipeline; on MySQL the caller runs
/// them in one.
class batch_operation final : public session_operation {
public:
    /// All outlive the operation, what the statements point at included. At least one statement.
    batch_operation(call_services& services, const tenant_home& home, kept_connection* kept,
                    std::vector<Statement> statements, const CallOptions& options);
    ~batch_operation() override;

    /// After success; one for each statement.
    std::vector<ResultSet> take_results() { return std::move(results_); }

private:
    struct part {
        call_record record;
        statement_plan plan;
    };

    void prepare(Diagnostics& failed) override;
    Wait start(ServerSession& session) override;
    std::optional<Wait> proceed(ServerSession& session) override;
    void over() override;
    bool may_take_effect() const override;
    bool may_have_committed() const override;

    call_services& services_;
    const std::vector<Statement> statements_;
    const bool keep_prepared_;
    std::vector<part> parts_;
    std::vector<StatementJob> jobs_;
    std::vector<ResultSet> results_;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/session/call_record.h"
#include "dal/session/session_operation.h"
#include "dal/session/statement_plan.h"
#include "fairlead/options.h"

#include <memory>

namespace fairlead::dal {

/// Execute: one statement, its whole result in memory.
class statement_operation final : public session_operation {
public:
    /// All outlive the operation, what `statement` points at included.
    statement_operation(call_services& services, const tenant_home& home, kept_connection* kept,
                        const Statement& statement, const CallOptions& options);
    ~statement_operation() override;

    /// After success; once.
    ResultSet take_result() { return std::move(result_); }

private:
    void prepare(Diagnostics& failed) override;
    Wait start(ServerSession& session) override;
    bool starts_afresh() const override { return true; }
    std::optional<Wait> proceed(ServerSession& session) override;
    void over() override;
    bool may_take_effect() const override;
    bool may_have_committed() const override;
    bool must_ask_mode() const;

    call_services& services_;
    const Statement statement_;
    const bool keep_prepared_;
    call_record record_;
    statement_plan plan_;
    ResultSet result_;
    bool asks_mode_ = false;  // the statement is through; what runs asks for the sql_mode it has left
};

}  // namespace fairlead::dal

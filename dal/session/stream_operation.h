#pragma once

#include "dal/session/call_record.h"
#include "dal/session/session_operation.h"
#include "dal/session/statement_plan.h"
#include "fairlead/options.h"

namespace fairlead::dal {

/// A statement whose rows are fetched bit by bit. The first round opens it and ends when its first rows are
/// there; each further one, begun with fetch(), brings the next. Its own connection stays with it until the
/// rows are at their end. Destroyed before that, the statement is cancelled.
class stream_operation final : public session_operation {
public:
    /// Services, home and `kept` outlive the operation; what `statement` points at lives until the first
    /// round is over. The time of `options` is that of each round.
    stream_operation(call_services& services, const tenant_home& home, kept_connection* kept,
                     const Statement& statement, const CallOptions& options);
    ~stream_operation() override;

    /// After a round: its rows, valid until the next; null: that was the end, or it has failed.
    const detail::result_data* rows() const { return rows_.get(); }
    /// Before the next round, while there are rows.
    void fetch();

private:
    void prepare(Diagnostics& failed) override;
    Wait start(ServerSession& session) override;
    std::optional<Wait> proceed(ServerSession& session) override;
    void over() override;
    bool may_take_effect() const override;
    bool may_have_committed() const override;
    bool keeps_connection() const override { return rows_ != nullptr; }

    call_services& services_;
    const Statement statement_;
    const CallOptions options_;
    std::string text_;  // of the statement, for who traces its end
    call_record record_;
    statement_plan plan_;
    /// Owned: they are read while the connection is already in other hands, when the transaction has ended.
    std::shared_ptr<const detail::result_data> rows_;
    std::uint64_t count_ = 0;
    bool opened_ = false;
};

}  // namespace fairlead::dal

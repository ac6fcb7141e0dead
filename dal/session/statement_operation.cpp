#include "dal/session/statement_operation.h"

#include "dal/session/committing_text.h"

namespace fairlead::dal {

statement_operation::statement_operation(call_services& services, const tenant_home& home,
                                         kept_connection* kept, const Statement& statement,
                                         const CallOptions& options)
    : session_operation(home, kept, options.timeout),
      services_(services),
      statement_(statement),
      keep_prepared_(options.prepare) {}

statement_operation::~statement_operation() = default;

void statement_operation::prepare(Diagnostics& failed) {
    record_.begin(services_, home(), statement_.sql);
    if (kept() != nullptr && !kept()->may_run(failed)) return;
    make_plan(services_.guard, home(), statement_, plan_, failed);
}

Wait statement_operation::start(ServerSession& session) {
    if (plan_.leaves_state) lease().mark_dirty();
    StatementJob job = make_job(plan_, home(), keep_prepared_);
    put_in_front(job);
    job.may_block = blocks();
    return session.start(job);
}

// What a stored function or procedure may have changed unseen. A connection that goes back is reset; one that
// is kept would have its next texts read wrongly.
bool statement_operation::must_ask_mode() const {
    return kept() != nullptr && plan_.verdict().may_change_mode && home().engine() == config::Engine::mysql;
}

std::optional<Wait> statement_operation::proceed(ServerSession& session) {
    if (asks_mode_) {
        const ResultSet answer = session.take_result();
        const bool same = answer.size() == 1 && answer[0][0].text() == session.sql_mode();
        if (!same) kept()->reading_changed();
        return std::nullopt;
    }
    result_ = session.take_result();
    if (!must_ask_mode()) return std::nullopt;
    asks_mode_ = true;
    StatementJob job;
    job.sql = "SELECT @@session.sql_mode";
    job.plan_scope = home().plan_scope();
    return session.start(job);
}

void statement_operation::over() {
    record_.end(failed_, waited(), result_.columns() > 0 ? result_.size() : result_.affected());
}

bool statement_operation::may_take_effect() const {
    const bool commits_by_itself = kept() == nullptr || !kept()->is_transaction();
    return commits_by_itself && plan_.verdict().writes;
}

bool statement_operation::may_have_committed() const {
    return may_commit_unasked(plan_.sql);
}

}  // namespace fairlead::dal

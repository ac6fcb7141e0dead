#include "dal/session/batch_operation.h"

#include "dal/session/committing_text.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal {

batch_operation::batch_operation(call_services& services, const tenant_home& home, kept_connection* kept,
                                 std::vector<Statement> statements, const CallOptions& options)
    : session_operation(home, kept, options.timeout),
      services_(services),
      statements_(std::move(statements)),
      keep_prepared_(options.prepare) {}

batch_operation::~batch_operation() = default;

void batch_operation::prepare(Diagnostics& failed) {
    if (kept() != nullptr && !kept()->may_run(failed)) return;
    parts_.reserve(statements_.size());  // plans are pointed into
    for (const Statement& statement : statements_) {
        part& made = parts_.emplace_back();
        made.record.begin(services_, home(), statement.sql);
        if (!make_plan(services_.guard, home(), statement, made.plan, failed)) {
            failed.message += " (statement " + std::to_string(parts_.size()) + " of the batch)";
            return;
        }
        // The next text would be read as if nothing had changed.
        if (home().engine() == config::Engine::mysql && made.plan.verdict().may_change_mode) {
            failed.set(errc::refused);
            failed.rule = "sql-mode";
            failed.message = "a statement of a batch may leave another sql_mode behind";
            failed.hint = "Call it by itself.";
            return;
        }
    }
}

Wait batch_operation::start(ServerSession& session) {
    for (const part& each : parts_) {
        if (each.plan.leaves_state) lease().mark_dirty();
        jobs_.push_back(make_job(each.plan, home(), keep_prepared_));
    }
    put_in_front(jobs_.front());
    // MySQL's database is looked up with each; the context of PostgreSQL holds for the whole transaction.
    if (home().engine() == config::Engine::mysql)
        for (StatementJob& job : jobs_) job.context = jobs_.front().context;
    return session.start_batch(jobs_);
}

std::optional<Wait> batch_operation::proceed(ServerSession& session) {
    results_ = session.take_results();
    return std::nullopt;
}

void batch_operation::over() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const bool there = !failed_ && i < results_.size();
        parts_[i].record.end(failed_, i == 0 ? waited() : std::nullopt,
                             there ? std::max<std::uint64_t>(results_[i].size(), results_[i].affected()) : 0);
    }
}

bool batch_operation::may_take_effect() const {
    if (kept() != nullptr && kept()->is_transaction()) return false;
    return std::any_of(parts_.begin(), parts_.end(),
                       [](const part& each) { return each.plan.verdict().writes; });
}

bool batch_operation::may_have_committed() const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [](const part& each) { return may_commit_unasked(each.plan.sql); });
}

}  // namespace fairlead::dal

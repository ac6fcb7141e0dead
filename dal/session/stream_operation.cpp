#include "dal/session/stream_operation.h"

#include "dal/session/committing_text.h"

namespace fairlead::dal {

stream_operation::stream_operation(call_services& services, const tenant_home& home, kept_connection* kept,
                                   const Statement& statement, const CallOptions& options)
    : session_operation(home, kept, options.timeout),
      services_(services),
      statement_(statement),
      options_(options) {}

stream_operation::~stream_operation() {
    if (rows_ == nullptr) return;
    if (kept() == nullptr || kept()->is_streaming()) give_up();
    record_.end(failed_, waited(), count_);
}

void stream_operation::prepare(Diagnostics& failed) {
    if (opened_) {
        // Its transaction may have been ended meanwhile.
        if (kept() == nullptr || kept()->is_streaming()) return;
        failed.set(errc::usage);
        failed.message = "the transaction or session of this stream has ended";
        return;
    }
    if (services_.tracer != nullptr) text_ = statement_.sql;
    record_.begin(services_, home(), text_);
    if (kept() != nullptr && !kept()->may_run(failed)) return;
    make_plan(services_.guard, home(), statement_, plan_, failed);
}

Wait stream_operation::start(ServerSession& session) {
    if (opened_) return session.start_next_rows();
    opened_ = true;
    if (plan_.leaves_state) lease().mark_dirty();
    StatementJob job = make_job(plan_, home(), options_.prepare);
    job.stream = true;
    put_in_front(job);
    return session.start(job);
}

std::optional<Wait> stream_operation::proceed(ServerSession& session) {
    rows_ = session.take_rows();
    if (rows_ != nullptr) count_ += rows_->rows();
    return std::nullopt;
}

void stream_operation::over() {
    if (failed_) rows_ = nullptr;
    if (rows_ == nullptr) record_.end(failed_, waited(), count_);
}

void stream_operation::fetch() {
    rows_ = nullptr;
    begin_again(options_.timeout);
}

bool stream_operation::may_take_effect() const {
    const bool commits_by_itself = kept() == nullptr || !kept()->is_transaction();
    return commits_by_itself && plan_.verdict().writes;
}

// Behind the first rows there is nothing more to define, and the text may be gone.
bool stream_operation::may_have_committed() const {
    return count_ == 0 && may_commit_unasked(plan_.sql);
}

}  // namespace fairlead::dal

#include "dal/driver/postgres/connect_start.h"
#include "dal/driver/postgres/server_session.h"

#include <libpq-fe.h>

#include <array>
#include <utility>

namespace fairlead::dal::postgres {
namespace {

bool is_commit(std::string_view sql) {
    return sql.starts_with("COMMIT");
}

}  // namespace

/// False: the connection is broken, nothing can begin.
bool Session::begin_operation() {
    if (phase_ == Phase::broken) return false;
    if (failed_) failed_.clear();
    results_.clear();
    rows_.clear();
    jobs_.clear();
    was_idle_ = status() == TransactionStatus::idle;
    is_commit_ = stale_ = again_ = dropping_ = was_sent_ = false;
    return true;
}

Wait Session::start(const StatementJob& job) {
    return begin_operation() ? (jobs_.push_back(job), send_jobs()) : Wait::nothing;
}

Wait Session::start_batch(std::span<const StatementJob> jobs) {
    if (!begin_operation()) return Wait::nothing;
    for (const StatementJob& job : jobs) jobs_.push_back(job), jobs_.back().stream = false;
    return jobs_.empty() ? Wait::nothing : send_jobs();
}

Wait Session::send_jobs() {
    for (const StatementJob& job : jobs_) {
        if (!is_sendable(job.sql, job.arguments, failed_)) return Wait::nothing;
    }
    prepared_.begin_operation();
    plans_.clear();
    for (const StatementJob& job : jobs_) plans_.push_back(plan(job));
    send_closings();
    send_front(jobs_.front().begin);
    const SessionContext* last = nullptr;
    for (std::uint32_t i = 0; i < jobs_.size(); ++i) {
        const SessionContext& context = jobs_[i].context;
        if (!context.variable.empty() &&
            (last == nullptr || last->value != context.value || last->variable != context.variable))
            send_context(*(last = &context));
        send_job(jobs_[i], plans_[i], i);
    }
    pipeline_.sync();
    return wait_for_answers();
}

Session::Planned Session::plan(const StatementJob& job) {
    if (!job.prepare) return {nullptr, false};
    types_key_.clear();
    append_types_key(job.arguments, types_key_);
    const StatementKey key{job.plan_scope, job.sql, types_key_, job.hash()};
    if (Prepared::Statement* const found = prepared_.find(key)) return {found, false};
    return {prepared_.add(key, "fl_" + std::to_string(++names_)), true};
}

/// Each in a group of its own: a DEALLOCATE in the transaction of the statement would take a snapshot (too
/// early for SET TRANSACTION in `begin`) and share its fate.
void Session::send_closings() {
    closing_.clear();
    if (prepared_.to_close().empty() || status() == TransactionStatus::failed) return;
    std::swap(closing_, prepared_.to_close());
    parameters_.set(std::span<const Argument>());
    for (std::uint32_t i = 0; i < closing_.size(); ++i) {
        pipeline_.query({Purpose::close, i}, "DEALLOCATE " + closing_[i], parameters_);
        pipeline_.sync();
    }
}

void Session::send_front(std::string_view begin) {
    if (!context_prepared_) send_prepare_context();
    if (begin.empty()) return;
    parameters_.set(std::span<const Argument>());
    pipeline_.query({Purpose::begin}, begin, parameters_);
}

void Session::send_context(const SessionContext& context) {
    const std::array<std::string_view, 2> values{context.variable, context.value};
    parameters_.set(values);
    pipeline_.execute({Purpose::context}, context_name, parameters_);
}

void Session::send_job(const StatementJob& job, Planned planned, std::uint32_t index) {
    parameters_.set(job.arguments);
    const Part part{job.stream ? Purpose::stream : Purpose::statement, index, planned.prepared};
    if (planned.prepared == nullptr) return pipeline_.query(part, job.sql, parameters_);
    const std::string& name = planned.prepared->handle;
    if (planned.parse)
        pipeline_.prepare({Purpose::parse, index, planned.prepared}, name, job.sql, parameters_);
    pipeline_.execute(part, name, parameters_);
}

Wait Session::start_command(std::string_view sql) {
    if (!begin_operation()) return Wait::nothing;
    is_commit_ = is_commit(sql);
    parameters_.set(std::span<const Argument>());
    pipeline_.query({Purpose::command}, sql, parameters_);
    pipeline_.sync();
    return wait_for_answers();
}

Wait Session::start_ping() {
    if (!begin_operation()) return Wait::nothing;
    pipeline_.sync();
    return wait_for_answers();
}

Wait Session::start_reset() {
    if (!begin_operation()) return Wait::nothing;
    parameters_.set(std::span<const Argument>());
    if (!was_idle_) {
        pipeline_.query({Purpose::command}, "ROLLBACK", parameters_);
        pipeline_.sync();
    }
    pipeline_.query({Purpose::discard}, "DISCARD ALL", parameters_);
    pipeline_.sync();
    send_prepare_context();  // it is among what is discarded
    pipeline_.sync();
    return wait_for_answers();
}

Wait Session::start_load(std::string_view sql, std::string data, const SessionContext& context,
                         std::string_view begin) {
    if (!begin_operation()) return Wait::nothing;
    if (!context.variable.empty() && begin.empty() && was_idle_)
        return refuse(errc::usage, "a load with a context needs a transaction: the context ends with it");
    copy_.set(std::string(sql), std::move(data));
    if (begin.empty() && context.variable.empty()) return begin_copy();
    send_front(begin);
    if (!context.variable.empty()) send_context(context);
    pipeline_.sync();
    return wait_for_answers();
}

/// From now on the server may have got it.
Wait Session::wait_for_answers() {
    was_sent_ = true;
    phase_ = Phase::pipeline;
    const Wait wait = pipeline_.is_whole() ? pipeline_.flush() : Wait::nothing;
    return wait == Wait::nothing ? broke(one_line(PQerrorMessage(connection_.get()))) : wait;
}

}  // namespace fairlead::dal::postgres

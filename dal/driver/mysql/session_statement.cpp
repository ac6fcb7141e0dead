#include "dal/driver/mysql/library_error.h"
#include "dal/driver/mysql/nonblocking_session.h"
#include "dal/driver/server_error.h"

#include <mysql.h>

#include <algorithm>
#include <errmsg.h>
#include <string>
#include <utility>

namespace fairlead::dal::mysql {
namespace {

constexpr std::size_t rows_of_a_helping = 256;
constexpr std::size_t bytes_of_a_helping = std::size_t{1} << 20;

Diagnostics wrong_number(std::size_t placeholders, std::size_t values) {
    Diagnostics out;
    out.set(errc::usage);
    out.message = "the statement has " + std::to_string(placeholders) + " placeholders, and " +
                  std::to_string(values) + " values were given";
    return out;
}

}  // namespace

void close_statement::operator()(st_mysql_stmt* statement) const {
    mysql_stmt_close(statement);
}

Wait nonblocking_session::start(const StatementJob& job) {
    begin_operation();
    job_ = job;
    jobs_ = {};
    return start_job();
}

Wait nonblocking_session::start_batch(std::span<const StatementJob> jobs) {
    begin_operation();
    if (jobs.empty()) return Wait::nothing;
    job_ = jobs.front();
    jobs_ = jobs.subspan(1);
    return start_job();
}

Wait nonblocking_session::start_job() {
    add_prologue(job_.context, job_.begin);
    return texts_.empty() ? locate() : run_texts(&nonblocking_session::locate);
}

/// A prepared statement goes on meaning the tables of the database it was prepared in.
StatementKey nonblocking_session::key_of_job() const {
    return {job_.plan_scope, job_.sql, database_, job_.hash()};
}

Wait nonblocking_session::locate() {
    plans_.begin_operation();
    planned_ = nullptr;
    if (job_.prepare) {
        const StatementKey key = key_of_job();
        planned_ = plans_.find(key);
        if (planned_ != nullptr) {
            current_ = planned_->handle.get();
            return execute();
        }
        planned_ = plans_.add(key, std::make_unique<prepared_statement>());
    }
    if (planned_ != nullptr) {
        current_ = planned_->handle.get();
    } else {
        if (one_shot_) plans_.to_close().push_back(std::move(one_shot_));
        one_shot_ = std::make_unique<prepared_statement>();
        current_ = one_shot_.get();
    }
    return close_surplus();
}

Wait nonblocking_session::close_surplus() {
    auto& surplus = plans_.to_close();
    if (surplus.empty()) return draining_ ? job_ended() : prepare();
    st_mysql_stmt* const statement = surplus.back()->handle.release();
    surplus.pop_back();
    return call<mysql_stmt_close_start, mysql_stmt_close_cont>(&nonblocking_session::surplus_was_closed,
                                                               statement);
}

Wait nonblocking_session::surplus_was_closed() {
    if (draining_) return job_ended();
    if (mysql_errno(connection_.get()) != 0 && call_.value() != 0) return fail_connection();
    return close_surplus();
}

Wait nonblocking_session::prepare() {
    current_->handle.reset(mysql_stmt_init(connection_.get()));
    if (!current_->handle) return fail_connection();
    text_.assign(job_.sql);
    return call<mysql_stmt_prepare_start, mysql_stmt_prepare_cont>(&nonblocking_session::was_prepared,
                                                                   handle(), text_.data(), text_.size());
}

Wait nonblocking_session::was_prepared() {
    if (call_.value() != 0) {
        const Wait done = fail_statement();
        plans_.end_operation();  // forgets it
        return done;
    }
    if (planned_ != nullptr) plans_.confirm(*planned_);
    return draining_ ? job_ended() : execute();
}

Wait nonblocking_session::execute() {
    const std::size_t placeholders = mysql_stmt_param_count(handle());
    if (placeholders != job_.arguments.size()) return fail(wrong_number(placeholders, job_.arguments.size()));
    if (!current_->arguments.bind(handle(), job_.arguments)) return fail_statement();
    sent_ = true;
    executing_ = true;
    if (may_block()) {
        call_.run<mysql_stmt_execute>(handle());
        return was_executed();
    }
    return call<mysql_stmt_execute_start, mysql_stmt_execute_cont>(&nonblocking_session::was_executed,
                                                                   handle());
}

Wait nonblocking_session::was_executed() {
    if (call_.value() != 0)
        return mysql_stmt_errno(handle()) == CR_NEW_STMT_METADATA ? prepare_anew() : fail_statement();
    has_rows_ = mysql_stmt_field_count(handle()) > 0;
    if (!has_rows_) {
        affected_ = mysql_stmt_affected_rows(handle());
        insert_id_ = mysql_stmt_insert_id(handle());
        return look_for_more_results();
    }
    if (draining_) return discard_rows();
    if (!current_->reader.look_at(handle())) return fail_statement();
    rows_ = std::make_shared<row_block>(current_->reader.names());
    return fetch();
}

/// A table was altered and a `*` means more or fewer columns now, which the library does not take for a
/// statement prepared before; the rows are lost (closing the statement reads them off). What only reads runs
/// again; what may have changed something must not.
Wait nonblocking_session::prepare_anew() {
    if (!job_.only_reads)
        return fail(
            connection_error("a table was altered, and the rows that the statement returned are lost"));
    if (planned_ != nullptr) {
        plans_.give_up(*planned_);
    } else {
        plans_.to_close().push_back(std::move(one_shot_));
    }
    planned_ = nullptr;
    current_ = nullptr;
    executing_ = false;
    return draining_ ? close_surplus() : locate();
}

/// Goes on until all rows are there; a stream only until it would have to wait, or has enough to hand out.
Wait nonblocking_session::fetch() {
    while (true) {
        next_ = &nonblocking_session::row_was_fetched;
        if (may_block()) {
            call_.run<mysql_stmt_fetch>(handle());
        } else if (!call_.start<mysql_stmt_fetch_start, mysql_stmt_fetch_cont>(handle())) {
            const bool enough = job_.stream && rows_->rows() > 0;
            return enough ? Wait::nothing : call_.wanted();
        }
        if (!take_row()) return rows_ended();
        if (is_helping_full()) return Wait::nothing;
    }
}

Wait nonblocking_session::row_was_fetched() {
    if (draining_ && (call_.value() == 0 || call_.value() == MYSQL_DATA_TRUNCATED)) return discard_rows();
    if (!take_row()) return rows_ended();
    return is_helping_full() ? Wait::nothing : fetch();
}

bool nonblocking_session::take_row() {
    const int outcome = call_.value();
    if (outcome != 0 && outcome != MYSQL_DATA_TRUNCATED) return false;
    return current_->reader.take_row(handle(), *rows_);
}

bool nonblocking_session::is_helping_full() const {
    return job_.stream && (rows_->rows() >= rows_of_a_helping || rows_->bytes() >= bytes_of_a_helping);
}

Wait nonblocking_session::rows_ended() {
    return call_.value() == MYSQL_NO_DATA ? look_for_more_results() : fail_statement();
}

Wait nonblocking_session::start_next_rows() {
    failed_.clear();
    sent_ = true;
    if (!executing_) {
        rows_.reset();
        return Wait::nothing;
    }
    rows_ = std::make_shared<row_block>(current_->reader.names());
    return call_.is_waiting() ? call_.wanted() : fetch();
}

/// Reads them to their end.
Wait nonblocking_session::discard_rows() {
    return call<mysql_stmt_free_result_start, mysql_stmt_free_result_cont>(
        &nonblocking_session::rows_were_discarded, handle());
}

Wait nonblocking_session::rows_were_discarded() {
    return call_.value() == 0 ? look_for_more_results() : fail_statement();
}

/// CALL has several results; the first is what the caller gets, and errors of the others are errors.
Wait nonblocking_session::look_for_more_results() {
    if (mysql_stmt_more_results(handle()) == 0) return job_ended();
    return call<mysql_stmt_next_result_start, mysql_stmt_next_result_cont>(
        &nonblocking_session::next_result_was_read, handle());
}

Wait nonblocking_session::next_result_was_read() {
    if (call_.value() > 0) return fail_statement();
    if (call_.value() < 0) return job_ended();
    return mysql_stmt_field_count(handle()) > 0 ? discard_rows() : look_for_more_results();
}

Wait nonblocking_session::job_ended() {
    executing_ = false;
    forget_changed_database();
    plans_.end_operation();
    if (draining_ || job_.stream) return Wait::nothing;
    results_.emplace_back(has_rows_ ? std::move(rows_) : nullptr, has_rows_ ? 0 : affected_,
                          has_rows_ ? 0 : insert_id_);
    if (jobs_.empty()) return Wait::nothing;
    job_ = jobs_.front();
    jobs_ = jobs_.subspan(1);
    return start_job();
}

ResultSet nonblocking_session::take_result() {
    if (results_.empty()) return {};
    ResultSet out = std::move(results_.front());
    results_.clear();
    return out;
}

std::vector<ResultSet> nonblocking_session::take_results() {
    return std::exchange(results_, {});
}

std::shared_ptr<const detail::result_data> nonblocking_session::take_rows() {
    return rows_ && !failed_ && rows_->rows() > 0 ? std::exchange(rows_, nullptr) : nullptr;
}

}  // namespace fairlead::dal::mysql

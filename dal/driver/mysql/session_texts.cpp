#include "dal/driver/mysql/library_error.h"
#include "dal/driver/mysql/nonblocking_session.h"

#include <mysql.h>

namespace fairlead::dal::mysql {
namespace {

std::string use_statement(std::string_view database) {
    std::string out = "USE `";
    for (const char c : database) out.append(c == '`' ? 2 : 1, c);
    return out + "`";
}

/// What a row is for the few internal queries there are.
std::vector<std::string> first_row(MYSQL_RES* rows) {
    std::vector<std::string> out;
    const MYSQL_ROW values = mysql_fetch_row(rows);
    if (values == nullptr) return out;
    const unsigned long* const lengths = mysql_fetch_lengths(rows);
    for (unsigned c = 0; c < mysql_num_fields(rows); ++c) {
        out.emplace_back(values[c] == nullptr ? "" : std::string(values[c], lengths[c]));
    }
    return out;
}

}  // namespace

void nonblocking_session::add_prologue(const SessionContext& context, std::string_view begin) {
    texts_.clear();
    next_database_.clear();
    if (!context.database.empty() && context.database != database_) {
        next_database_ = context.database;
        texts_.push_back(use_statement(context.database));
        database_.clear();  // whatever the answer will be, it is not known until then
    }
    if (!begin.empty()) texts_.emplace_back(begin);
}

Wait nonblocking_session::start_command(std::string_view sql) {
    begin_operation();
    sent_ = true;
    next_database_.clear();
    texts_.assign(1, std::string(sql));
    return run_texts(nullptr);
}

Wait nonblocking_session::run_texts(Step then) {
    after_texts_ = then;
    texts_sent_ = texts_answered_ = 0;
    text_row_.clear();
    return send_text();
}

Wait nonblocking_session::send_text() {
    if (draining_ || texts_sent_ == texts_.size()) return read_answer();
    const std::string& text = texts_[texts_sent_];
    return call<mysql_send_query_start, mysql_send_query_cont>(&nonblocking_session::text_was_sent,
                                                               connection_.get(), text.data(), text.size());
}

Wait nonblocking_session::text_was_sent() {
    if (call_.value() != 0) return fail_connection();
    ++texts_sent_;
    return send_text();
}

Wait nonblocking_session::read_answer() {
    if (texts_answered_ < texts_sent_) {
        return call<mysql_read_query_result_start, mysql_read_query_result_cont>(
            &nonblocking_session::answer_was_read, connection_.get());
    }
    if (draining_ || failed_ || after_texts_ == nullptr) return Wait::nothing;
    return (this->*after_texts_)();
}

Wait nonblocking_session::answer_was_read() {
    ++texts_answered_;
    if (call_.value() != 0) {
        fail_connection();
        return broken_ ? Wait::nothing : read_answer();
    }
    forget_changed_database();
    if (texts_answered_ == 1) note_database();
    return look_at_answer();
}

/// A statement may have been a USE: then the next job's database is made current anew. The server says when
/// anything it tracks has changed, the current database among it; on MySQL and MariaDB by default.
void nonblocking_session::forget_changed_database() {
    if ((server_status() & SERVER_SESSION_STATE_CHANGED) != 0) database_.clear();
}

/// USE is always the first of the texts.
void nonblocking_session::note_database() {
    if (!next_database_.empty()) database_ = std::move(next_database_);
    next_database_.clear();
}

Wait nonblocking_session::look_at_answer() {
    if (mysql_field_count(connection_.get()) == 0) return look_for_more_answers();
    return call<mysql_store_result_start, mysql_store_result_cont>(&nonblocking_session::rows_were_stored,
                                                                   connection_.get());
}

Wait nonblocking_session::rows_were_stored() {
    auto* const rows = static_cast<MYSQL_RES*>(call_.pointer());
    if (rows == nullptr) {
        fail_connection();
        return broken_ ? Wait::nothing : read_answer();
    }
    text_row_ = first_row(rows);
    mysql_free_result(rows);
    return look_for_more_answers();
}

Wait nonblocking_session::look_for_more_answers() {
    if (mysql_more_results(connection_.get()) == 0) return read_answer();
    return call<mysql_next_result_start, mysql_next_result_cont>(&nonblocking_session::next_answer_was_read,
                                                                 connection_.get());
}

Wait nonblocking_session::next_answer_was_read() {
    if (call_.value() == 0) return look_at_answer();
    if (call_.value() > 0) fail_connection();
    return broken_ ? Wait::nothing : read_answer();
}

}  // namespace fairlead::dal::mysql

#pragma once

#include "dal/driver/mysql/argument_binds.h"
#include "dal/driver/mysql/library_call.h"
#include "dal/driver/mysql/load_source.h"
#include "dal/driver/mysql/login.h"
#include "dal/driver/mysql/row_reader.h"
#include "dal/driver/prepared_statements.h"
#include "dal/driver/server_session.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct st_mysql_stmt;

namespace fairlead::dal::mysql {

struct close_statement {
    void operator()(st_mysql_stmt* statement) const;
};
using statement_handle = std::unique_ptr<st_mysql_stmt, close_statement>;

/// One statement that is prepared on the server, with what its values are given and its rows are read by.
struct prepared_statement {
    argument_binds arguments;  // the handle points into it
    statement_handle handle;
    row_reader reader;
};

/// ServerSession on libmysqlclient's non-blocking interface (MariaDB Connector/C 3.3). Each operation is a
/// chain of steps; a step makes one call of the library and names the step that follows when that has
/// finished. Logging in has to be driven by one thread from its start to its end (the library keeps the
/// address of that thread's errno there); everything else may go on on another thread.
///
/// Texts that were sent without waiting for answers (USE, BEGIN) are answered in order; only then a statement
/// is started, so that it never runs in a wrong database or outside its transaction.
class nonblocking_session final : public ServerSession {
public:
    explicit nonblocking_session(std::uint32_t max_prepared);
    ~nonblocking_session() override;

    Wait start_connect(const ConnectOptions& options, const std::string& host_name) override;
    Wait start(const StatementJob& job) override;
    Wait start_batch(std::span<const StatementJob> jobs) override;
    Wait start_command(std::string_view sql) override;
    Wait start_load(std::string_view sql, std::string data, const SessionContext& context,
                    std::string_view begin) override;
    Wait start_next_rows() override;
    Wait start_reset() override;
    Wait start_ping() override;
    Wait start_drain() override;
    Wait resume(Wait ready) override;

    int descriptor() const override;
    const Diagnostics& failed() const override { return failed_; }
    bool is_broken() const override { return broken_; }
    bool was_sent() const override { return sent_; }
    TransactionStatus status() const override;

    ResultSet take_result() override;
    std::vector<ResultSet> take_results() override;
    std::shared_ptr<const detail::result_data> take_rows() override;

    std::string cancel_statement() const override;
    std::int32_t backend_pid() const override { return 0; }
    std::int64_t connection_tag() const override { return 0; }
    std::uint32_t server_version() const override;
    std::string_view sql_mode() const override { return sql_mode_; }

private:
    using Step = Wait (nonblocking_session::*)();
    using Plans = PreparedStatements<std::unique_ptr<prepared_statement>>;

    template <auto Start, auto Cont, typename Object, typename... Arguments>
    Wait call(Step next, Object* object, Arguments... arguments) {
        next_ = next;
        if (!call_.start<Start, Cont>(object, arguments...)) return call_.wanted();
        return (this->*next)();
    }
    void begin_operation();
    Wait fail(Diagnostics why);
    Wait fail_connection();
    Wait fail_statement();
    unsigned server_status() const;

    // session_login.cpp
    Wait log_in(bool encrypted);
    Wait logged_in();
    Wait login_failed(Diagnostics why);
    bool is_wrong_peer();
    Wait set_up();
    Wait was_set_up();
    Wait was_reset();
    Wait was_pinged();

    // session_texts.cpp: texts without values, sent together, answered in order
    Wait run_texts(Step then);
    Wait send_text();
    Wait text_was_sent();
    Wait read_answer();
    Wait answer_was_read();
    Wait look_at_answer();
    Wait rows_were_stored();
    Wait look_for_more_answers();
    Wait next_answer_was_read();
    void add_prologue(const SessionContext& context, std::string_view begin);
    void note_database();
    void forget_changed_database();

    // session_statement.cpp
    Wait start_job();
    Wait after_prologue();
    Wait locate();
    Wait close_surplus();
    Wait surplus_was_closed();
    Wait prepare();
    Wait was_prepared();
    Wait execute();
    Wait was_executed();
    Wait prepare_anew();
    Wait fetch();
    Wait row_was_fetched();
    bool take_row();
    bool is_helping_full() const;
    Wait rows_ended();
    Wait discard_rows();
    Wait rows_were_discarded();
    Wait look_for_more_results();
    Wait next_result_was_read();
    Wait job_ended();
    StatementKey key_of_job() const;
    /// Not over TLS: the socket keeps the time limit of its handshake. Connector/C 3.3 goes on waiting behind
    /// it (measured), which nothing promises.
    bool may_block() const { return job_.may_block && !encrypted_; }
    st_mysql_stmt* handle() const { return current_->handle.get(); }

    // session_load.cpp
    Wait load();
    Wait loaded();
    Wait warning_was_read();

    // Destroyed last to first: closing the connection detaches its statements, which then are mere memory.
    load_source load_;
    Plans plans_;
    std::unique_ptr<prepared_statement> one_shot_;  // not kept
    connection_handle connection_;
    library_call call_;
    Step next_ = nullptr;

    Diagnostics failed_;
    bool broken_ = true;  // until logged in
    bool sent_ = false;
    bool draining_ = false;

    ConnectOptions options_;  // while logging in
    std::string host_name_;
    login_address address_;
    tls_attempts tls_;
    bool encrypted_ = false;
    bool check_name_ = false;
    bool logging_in_ = false;
    std::string sql_mode_;
    std::string database_;  // the current one; "": not known

    std::vector<std::string> texts_;
    std::size_t texts_sent_ = 0, texts_answered_ = 0;
    Step after_texts_ = nullptr;
    std::vector<std::string> text_row_;  // the first row of the last answer that had rows
    std::string next_database_;          // as the first of the texts makes it

    StatementJob job_;
    std::span<const StatementJob> jobs_;  // the rest, the current one first
    std::string text_;  // being prepared: the caller's may go when the operation is given up
    prepared_statement* current_ = nullptr;
    Plans::Statement* planned_ = nullptr;  // null: not kept
    std::shared_ptr<row_block> rows_;
    bool has_rows_ = false;   // of the first result
    bool executing_ = false;  // results of the current statement are outstanding
    std::vector<ResultSet> results_;
    std::uint64_t affected_ = 0, insert_id_ = 0;
    std::string load_text_;
};

}  // namespace fairlead::dal::mysql

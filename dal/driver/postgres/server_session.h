#pragma once

#include "dal/driver/postgres/copy_in.h"
#include "dal/driver/postgres/handles.h"
#include "dal/driver/postgres/pipeline.h"
#include "dal/driver/postgres/result_rows.h"
#include "dal/driver/server_session.h"

#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// PostgreSQL on libpq. Everything but COPY is sent in libpq's pipeline mode, in one write: BEGIN, context,
/// Parse, the statement, Sync; a part that fails makes the server skip the rest, so that no statement runs
/// without its context.
///
/// A statement whose prepared plan has gone stale (a table changed its columns, or somebody deallocated it)
/// and that was alone in its transaction is run once more, parsed anew: nothing of it was executed. In a
/// transaction that is an error.
///
/// Notices are dropped: they may hold values.
class Session final : public ServerSession {
public:
    explicit Session(std::uint32_t max_prepared) : prepared_(max_prepared) {}

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
    bool is_broken() const override { return phase_ == Phase::broken; }
    bool was_sent() const override { return was_sent_; }
    TransactionStatus status() const override;

    ResultSet take_result() override;
    std::vector<ResultSet> take_results() override;
    std::shared_ptr<const detail::result_data> take_rows() override;

    std::string cancel_statement() const override;
    std::int32_t backend_pid() const override;
    std::int64_t connection_tag() const override { return connection_tag_; }
    std::uint32_t server_version() const override;
    std::string_view sql_mode() const override { return {}; }

private:
    enum class Phase : std::uint8_t { idle, connecting, pipeline, copying, broken };
    static inline const std::string context_name = "fl_context";
    struct Planned {
        Prepared::Statement* prepared;  // null: not prepared
        bool parse;
    };

    // session_connect.cpp
    Wait connect_on();
    Wait logged_in();
    void send_prepare_context();
    void receive_tag(const pg_result* answer);

    // session_send.cpp
    bool begin_operation();
    Wait send_jobs();
    Planned plan(const StatementJob& job);
    void send_closings();
    void send_front(std::string_view begin);
    void send_context(const SessionContext& context);
    void send_job(const StatementJob& job, Planned planned, std::uint32_t index);
    Wait wait_for_answers();

    // server_session.cpp
    Wait read_on();
    Wait finish();
    Wait copy_on();
    Wait begin_copy();
    Wait finish_copy();
    Wait broke(const std::string& why);
    Wait refuse(errc code, std::string message);

    // session_receive.cpp
    void receive(const Part& part, ResultHandle answer);
    void accept(const Part& part, ResultHandle answer);
    void receive_error(const Part& part, const pg_result* error);
    void receive_copied(ResultHandle answer);
    void note_stale(const Part& part, const pg_result* error);
    void close_failed(const Part& part, const pg_result* error);
    bool must_run_again() const;

    ConnectionHandle connection_;
    ConnectOptions options_;  // while connecting
    Phase phase_ = Phase::idle;
    Pipeline pipeline_;
    CopyIn copy_;
    Prepared prepared_;
    Parameters parameters_;
    std::uint64_t names_ = 0;  // given to prepared statements so far
    bool context_prepared_ = false;
    std::int64_t connection_tag_ = 0;

    // The operation that runs.
    std::vector<StatementJob> jobs_;
    std::vector<Planned> plans_;
    std::vector<std::string> closing_;
    std::string types_key_;
    bool was_idle_ = false;  // no transaction was open when it began
    bool is_commit_ = false;
    bool stale_ = false;     // failed before anything of it was executed
    bool again_ = false;     // it is the second attempt
    bool dropping_ = false;  // nobody wants its answers
    bool was_sent_ = false;

    Diagnostics failed_;
    std::vector<ResultSet> results_;
    RowChunk rows_;
};

}  // namespace fairlead::dal::postgres

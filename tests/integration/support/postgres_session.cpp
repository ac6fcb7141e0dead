#include "tests/integration/support/postgres_session.h"

#include "tests/integration/support/postgres_server.h"

namespace fairlead::test {

std::unique_ptr<dal::ServerSession> postgres_session(const dal::ConnectOptions& options,
                                                     std::uint32_t max_prepared) {
    auto session = dal::postgres::make_server_session(max_prepared);
    finish(*session, session->start_connect(options, ""));
    EXPECT_FALSE(session->failed()) << session->failed().message;
    return session;
}

PostgresSession::PostgresSession(std::uint32_t max_prepared)
    : session_(postgres_session(shared_server().options("postgres", "postgres"), max_prepared)) {
    static int count = 0;
    const std::string schema = "session_" + std::to_string(++count);
    run("CREATE SCHEMA " + schema);
    run("SET search_path = " + schema);
}

std::string PostgresSession::ask(std::string_view sql, const std::vector<Argument>& arguments) {
    return single(must_run(*session_, sql, arguments));
}

void PostgresSession::run(std::string_view sql) {
    ask_unprepared(sql);
}

std::string PostgresSession::ask_unprepared(std::string_view sql) {
    dal::StatementJob once = job_of(sql);
    once.prepare = false;
    return single(must_run(*session_, once));
}

Diagnostics PostgresSession::fail(std::string_view sql) {
    return must_fail(*session_, sql);
}

void PostgresSession::command(std::string_view sql) {
    finish(*session_, session_->start_command(sql));
    ASSERT_FALSE(session_->failed()) << sql << "\n" << session_->failed().message;
}

}  // namespace fairlead::test

#include "tests/integration/support/session_driver.h"

#include <gtest/gtest.h>

#include <chrono>
#include <poll.h>

namespace fairlead::test {

using dal::Wait;

void finish(dal::ServerSession& session, Wait wait) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (wait != Wait::nothing) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << "an operation does not end";
        const auto wanted = static_cast<unsigned>(wait);
        pollfd entry{session.descriptor(),
                     static_cast<short>(((wanted & 1) != 0 ? POLLIN : 0) | ((wanted & 2) != 0 ? POLLOUT : 0)),
                     0};
        if (poll(&entry, 1, 1'000) <= 0) continue;
        const bool broken = (entry.revents & (POLLERR | POLLHUP)) != 0;
        const unsigned ready =
            broken ? wanted
                   : ((entry.revents & POLLIN) != 0 ? 1u : 0u) | ((entry.revents & POLLOUT) != 0 ? 2u : 0u);
        wait = session.resume(static_cast<Wait>(ready & wanted));
    }
}

dal::StatementJob job_of(std::string_view sql, std::span<const Argument> arguments) {
    dal::StatementJob job;
    job.sql = sql;
    job.arguments = arguments;
    return job;
}

ResultSet must_run(dal::ServerSession& session, std::string_view sql,
                   const std::vector<Argument>& arguments) {
    return must_run(session, job_of(sql, arguments));
}

ResultSet must_run(dal::ServerSession& session, const dal::StatementJob& job) {
    finish(session, session.start(job));
    EXPECT_FALSE(session.failed()) << job.sql << ": " << session.failed().message;
    return session.take_result();
}

Diagnostics must_fail(dal::ServerSession& session, std::string_view sql,
                      const std::vector<Argument>& arguments) {
    return must_fail(session, job_of(sql, arguments));
}

Diagnostics must_fail(dal::ServerSession& session, const dal::StatementJob& job) {
    finish(session, session.start(job));
    EXPECT_TRUE(session.failed()) << job.sql << " succeeds";
    return session.failed();
}

std::string single(const ResultSet& result) {
    if (result.empty() || result.columns() == 0) return "(nothing)";
    const Field field = result[0][0];
    return field.is_null() ? "NULL" : std::string(field.text());
}

}  // namespace fairlead::test

#pragma once

#include "dal/driver/server_session.h"
#include "tests/integration/support/session_driver.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

/// Logged in; the test fails if that fails.
std::unique_ptr<dal::ServerSession> postgres_session(const dal::ConnectOptions& options,
                                                     std::uint32_t max_prepared = 20);

/// A session of the shared server's superuser, in a schema that this test has alone.
class PostgresSession : public ::testing::Test {
protected:
    explicit PostgresSession(std::uint32_t max_prepared = 20);

    /// Prepared, as in use; failures fail the test.
    std::string ask(std::string_view sql, const std::vector<Argument>& arguments = {});
    /// Not prepared.
    void run(std::string_view sql);
    std::string ask_unprepared(std::string_view sql);
    Diagnostics fail(std::string_view sql);
    void command(std::string_view sql);

    std::unique_ptr<dal::ServerSession> session_;
};

}  // namespace fairlead::test

#pragma once

#include "dal/driver/server_session.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

/// Drives a machine with poll() until what was started has finished. Fails the test after a minute.
void finish(dal::ServerSession& session, dal::Wait wait);

/// A job with values, prepared and kept.
dal::StatementJob job_of(std::string_view sql, std::span<const Argument> arguments = {});

/// Runs a statement whose success is not in question; fails the test otherwise.
ResultSet must_run(dal::ServerSession& session, std::string_view sql,
                   const std::vector<Argument>& arguments = {});
ResultSet must_run(dal::ServerSession& session, const dal::StatementJob& job);

/// Runs a statement that has to fail, and says how.
Diagnostics must_fail(dal::ServerSession& session, std::string_view sql,
                      const std::vector<Argument>& arguments = {});
Diagnostics must_fail(dal::ServerSession& session, const dal::StatementJob& job);

/// The first value of the first row; "NULL" when it is that.
std::string single(const ResultSet& result);

}  // namespace fairlead::test

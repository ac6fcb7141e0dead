// Handles that are empty, since what should have filled them failed unnoticed, or that were moved from.
#include "fairlead/async.h"
#include "fairlead/data_source.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <utility>

namespace fairlead {
namespace {

constexpr std::array<std::string_view, 1> columns{"id"};

TEST(EmptyHandles, ATenant) {
    Tenant none;
    Diagnostics failed;
    EXPECT_THROW(none.id(), UsageError);
    EXPECT_THROW(none.with({}), UsageError);
    EXPECT_THROW(none.execute("SELECT 1"), UsageError);
    EXPECT_THROW(none.execute(failed, "SELECT 1"), UsageError);
    EXPECT_THROW(none.stream("SELECT 1"), UsageError);
    EXPECT_THROW(none.run(Batch()), UsageError);
    EXPECT_THROW(none.bulk_load("t", columns), UsageError);
    EXPECT_THROW(none.begin(), UsageError);
    EXPECT_THROW(none.session(), UsageError);
}

TEST(EmptyHandles, ATenantThatTheDataSourceDoesNotKnow) {
    DataSource none;
    Diagnostics failed;
    EXPECT_THROW(none.tenant("acme"), UsageError);
    EXPECT_THROW(none.tenant(failed, "acme"), UsageError);
}

TEST(EmptyHandles, AStreamIsAtItsEndAndABulkLoadSaysSo) {
    RowStream rows;
    EXPECT_FALSE(rows.next());
    BulkLoad load(nullptr);
    EXPECT_THROW(load.row(1), UsageError);
    EXPECT_THROW(load.finish(), UsageError);
}

TEST(EmptyHandles, AsynchronousOnes) {
    boost::asio::io_context context;
    const auto token = boost::asio::use_future;
    EXPECT_THROW(AsyncTenant(Tenant(), context.get_executor()), UsageError);
    AsyncStream rows;
    EXPECT_THROW(rows.next(token), UsageError);
    EXPECT_THROW(rows.next(as_diagnostics(token)), UsageError);
    AsyncSession session;
    EXPECT_THROW(session.execute(fairlead::bind("SELECT 1"), token), UsageError);
    EXPECT_THROW(session.stream(fairlead::bind("SELECT 1"), token), UsageError);
    AsyncBulkLoad load;
    EXPECT_THROW((void)load.row(1), UsageError);
    EXPECT_THROW(load.send(token), UsageError);
    EXPECT_THROW(load.finish(token), UsageError);
    AsyncTransaction transaction(nullptr);
    EXPECT_FALSE(transaction.is_open());
    EXPECT_THROW(transaction.commit(token), UsageError);
    EXPECT_THROW(transaction.rollback(token), UsageError);
    EXPECT_THROW(transaction.run(Batch(), token), UsageError);
    EXPECT_THROW(transaction.bulk_load("t", columns), UsageError);
}

}  // namespace
}  // namespace fairlead

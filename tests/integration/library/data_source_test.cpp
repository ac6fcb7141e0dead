#include "fairlead/trace.h"
#include "tests/integration/library/engine_test.h"

#include <gmock/gmock.h>

#include <fstream>
#include <mutex>
#include <sys/inotify.h>
#include <thread>
#include <unistd.h>

namespace fairlead::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class DataSources : public on_each_engine {};
INSTANTIATE_TEST_SUITE_P(Library, DataSources, both_engines(), name_of_engine);

TEST_P(DataSources, EveryMistakeOfTheFileIsTold) {
    std::ofstream(shop.config_file(), std::ios::app)
        << "[placements.a]\nmodel = \"lake\"\nbackend = \"none\"\n";
    try {
        shop.open();
        FAIL();
    } catch (const ConfigurationError& error) {
        EXPECT_THAT(error.what(), HasSubstr("lake"));
        EXPECT_THAT(error.what(), HasSubstr("none"));
    }
    Diagnostics failed;
    DataSource::open(failed, shop.config_file() + ".missing");
    EXPECT_EQ(failed.kind(), errc::configuration);
}

TEST_P(DataSources, UnknownTenantsAndDatabases) {
    DataSource db = shop.open();
    EXPECT_THROW(db.tenant("nobody"), ConfigurationError);
    Diagnostics failed;
    db.tenant(failed, "acme", "warehouse");
    EXPECT_EQ(failed.kind(), errc::configuration);
    EXPECT_THAT(failed.hint, HasSubstr("shop"));
    EXPECT_EQ(db.tenant("acme", "shop").id(), "acme");
}

TEST_P(DataSources, APlacementThatDoesNotHoldIsRefusedWithTheReasonAndTheOthersServe) {
    if (!shop.is_postgres()) GTEST_SKIP() << "what does not hold differs";
    shop.run("ALTER TABLE items DISABLE ROW LEVEL SECURITY");
    DataSource db = shop.open();
    Diagnostics failed;
    db.tenant("acme").execute(failed, "SELECT 1");
    EXPECT_EQ(failed.kind(), errc::configuration);
    EXPECT_THAT(failed.hint, HasSubstr("items"));
    EXPECT_EQ(db.tenant("umbrella").query_value<int>("SELECT 1"), 1);
}

TEST_P(DataSources, ATenantMovesByReloadAndAHandleFollows) {
    DataSource db = shop.open();
    Tenant tenant = db.tenant("globex");
    tenant.execute("INSERT INTO items (id) VALUES (1)");
    Transaction running = tenant.begin();
    running.execute("INSERT INTO items (id) VALUES (2)");
    shop.write({{"acme", "shared"}, {"globex", "silo"}});
    db.reload();
    EXPECT_EQ(db.generation(), 2u);
    EXPECT_EQ(tenant.query_value<int>("SELECT count(*) FROM items"), 0);
    running.commit();  // where it began
    EXPECT_EQ(shop.ask("SELECT count(*) FROM items WHERE tenant_id = 'globex'"), "2");
    shop.write({{"acme", "shared"}});
    db.reload();
    EXPECT_THROW(tenant.execute("SELECT 1"), ConfigurationError);
}

TEST_P(DataSources, AReloadThatFailsChangesNothing) {
    DataSource db = shop.open();
    std::ofstream(shop.config_file(), std::ios::app) << "nonsense = 1\n";
    EXPECT_THROW(db.reload(), ConfigurationError);
    EXPECT_EQ(db.generation(), 1u);
    EXPECT_EQ(db.tenant("acme").query_value<int>("SELECT 1"), 1);
}

/// How many times a file has been opened since this was made.
class open_count {
public:
    explicit open_count(const std::string& file) : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
        // Closing, too: events in a row that are alike become one.
        EXPECT_GE(::inotify_add_watch(events_, file.c_str(), IN_OPEN | IN_CLOSE), 0) << file;
    }
    ~open_count() { ::close(events_); }
    open_count(const open_count&) = delete;
    open_count& operator=(const open_count&) = delete;

    int take() const {
        inotify_event event{};
        int count = 0;
        while (::read(events_, &event, sizeof event) == sizeof event) count += (event.mask & IN_OPEN) != 0;
        return count;
    }

private:
    const int events_;
};

TEST_P(DataSources, AFileThatIsWatchedIsReadOnce) {
    const open_count opened(shop.config_file());
    OpenOptions options;
    options.watch_interval = milliseconds(50);
    const DataSource db = shop.open(options);
    std::this_thread::sleep_for(milliseconds(300));
    EXPECT_EQ(opened.take(), 1);
}

TEST_P(DataSources, AFileThatChangesIsReadAgain) {
    OpenOptions options;
    options.watch_interval = milliseconds(50);
    DataSource db = shop.open(options);
    shop.write({{"acme", "shared"}});
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (db.generation() == 1 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(milliseconds(20));
    EXPECT_THROW(db.tenant("globex"), ConfigurationError);
}

TEST_P(DataSources, ANewTableBecomesKnownWithinCatalogueRefresh) {
    if (shop.is_postgres()) GTEST_SKIP() << "a table needs its policy first";
    DataSource db = shop.open();
    Tenant tenant = db.tenant("acme");
    EXPECT_THROW(tenant.execute("SELECT * FROM extras"), StatementRefused);
    shop.run(
        "CREATE TABLE extras (tenant_id varchar(40) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,"
        " id int, PRIMARY KEY (tenant_id, id))");
    Diagnostics failed;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
        std::this_thread::sleep_for(milliseconds(50));
        tenant.execute(failed, "SELECT * FROM extras");
    } while (failed && std::chrono::steady_clock::now() < until);
    EXPECT_FALSE(failed) << failed.message;
}

TEST_P(DataSources, AnotherSqlModeThanTextsWereJudgedUnderIsNotUsed) {
    if (shop.is_postgres()) GTEST_SKIP() << "MySQL's";
    const std::string before = shop.ask("SELECT @@global.sql_mode");
    DataSource source = shop.open();
    Tenant acme = source.tenant("acme");
    Diagnostics failed;
    // Now and then the catalogue is read again in between, and the text is judged under the new mode.
    for (int round = 0; round < 10 && failed.kind() != errc::configuration; ++round) {
        shop.run("SET GLOBAL sql_mode = '" + std::string(round % 2 == 0 ? "ANSI_QUOTES" : before) + "'");
        shop.cut_connections();
        do {  // of the connections that were cut
            failed.clear();
            acme.execute(failed, "SELECT 1");
        } while (failed.kind() == errc::connection);
    }
    shop.run("SET GLOBAL sql_mode = '" + before + "'");
    EXPECT_EQ(failed.kind(), errc::configuration) << failed.message;
}

TEST_P(DataSources, TwoOfThemLiveInOneProcess) {
    DataSource one = shop.open();
    DataSource other = shop.open();
    one.tenant("acme").execute("INSERT INTO items (id) VALUES (1)");
    EXPECT_EQ(other.tenant("acme").query_value<int>("SELECT count(*) FROM items"), 1);
    one = DataSource();
    EXPECT_EQ(other.tenant("acme").query_value<int>("SELECT count(*) FROM items"), 1);
}

TEST_P(DataSources, AHandleOutlivesTheDataSource) {
    Tenant tenant = shop.open().tenant("acme");
    EXPECT_EQ(tenant.query_value<int>("SELECT 1"), 1);
}

TEST_P(DataSources, PoolTimeoutDeadlineAndStop) {
    shop.write_default("pool_size = 1\npool_timeout = \"10s\"");
    DataSource db = shop.open();
    Tenant tenant = db.tenant("umbrella");
    Tenant hasty = tenant.with({.timeout = milliseconds(200)});
    {
        Transaction holder = tenant.begin();
        holder.execute("SELECT 1");
        // Not before there is a connection: on a busy machine its login takes longer.
        shop.write_default("pool_size = 1\npool_timeout = \"300ms\"");
        db.reload();
        EXPECT_THROW(tenant.execute("SELECT 1"), PoolTimeout);
        EXPECT_THROW(hasty.execute("SELECT 1"), DeadlineExceeded);
    }
    const auto before = std::chrono::steady_clock::now();
    EXPECT_THROW(hasty.execute(shop.sleep("100")), DeadlineExceeded);
    std::stop_source stop;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(milliseconds(300));
        stop.request_stop();
    });
    CallOptions stoppable;
    stoppable.stop = stop.get_token();
    shop.write_default("pool_size = 1\npool_timeout = \"10s\"");
    db.reload();
    EXPECT_THROW(tenant.with(stoppable).execute(shop.sleep("100")), CallCancelled);
    // The statements were cancelled on the server: the one connection is there again long before their end.
    EXPECT_EQ(tenant.query_value<int>("SELECT 1"), 1);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(60));
}

TEST_P(DataSources, AStopThatCameBeforeACallIsNoticedByIt) {
    DataSource db = shop.open();
    Tenant tenant = db.tenant("acme");
    const int before = tenant.query_value<int>("SELECT COUNT(*) FROM items");
    std::stop_source stop;
    CallOptions stoppable;
    stoppable.stop = stop.get_token();
    Transaction tx = tenant.with(stoppable).begin();
    tx.execute("INSERT INTO items (id, note) VALUES (9001, 'x')");
    stop.request_stop();
    EXPECT_THROW(tx.commit(), CallCancelled);
    EXPECT_THROW(tenant.with(stoppable).execute("INSERT INTO items (id, note) VALUES (9002, 'x')"),
                 CallCancelled);
    EXPECT_EQ(tenant.query_value<int>("SELECT COUNT(*) FROM items"), before);
}

TEST_P(DataSources, ADeadlineInATransactionRollsItBack) {
    Tenant tenant = shop.open().tenant("umbrella");
    tenant.execute("SELECT 1");  // opens the connection, which takes its time
    Transaction tx = tenant.with({.timeout = milliseconds(1'000)}).begin();
    tx.execute("INSERT INTO items (id) VALUES (1)");
    EXPECT_THROW(tx.execute(shop.sleep("20")), DeadlineExceeded);
    EXPECT_FALSE(tx.is_open());
    EXPECT_THROW(tx.commit(), UsageError);
    EXPECT_EQ(tenant.query_value<int>("SELECT count(*) FROM items"), 0);
}

/// Notes what it is told.
class notes final : public Tracer {
public:
    struct note {
        std::string tenant, placement, backend, sql;
        std::uint64_t fingerprint;
        std::uint64_t rows;
        errc outcome;
        bool refused;
    };
    void before(const StatementStart&) noexcept override { ++begun; }
    void after(const StatementEnd& end) noexcept override {
        std::lock_guard lock(mutex);
        seen.push_back({std::string(end.start.tenant), std::string(end.start.placement),
                        std::string(end.start.backend), std::string(end.start.sql), end.start.fingerprint,
                        end.rows, end.outcome.kind(), end.outcome.kind() == errc::refused});
        if (end.duration < end.waited) ++wrong;
    }
    std::mutex mutex;
    std::vector<note> seen;
    std::atomic<int> begun = 0, wrong = 0;
};

TEST_P(DataSources, ATracerHearsOfEveryStatementOnce) {
    auto tracer = std::make_shared<notes>();
    OpenOptions options;
    options.tracer = tracer;
    Tenant tenant = shop.open(options).tenant("acme");
    tenant.execute("INSERT INTO items (id) VALUES (1), (2)");
    tenant.execute("SELECT id FROM items WHERE id = 1");
    tenant.execute("SELECT  id FROM items\nWHERE id = 22");
    Diagnostics failed;
    tenant.execute(failed, "SELECT * FROM nowhere");
    tenant.execute(failed, "INSERT INTO items (id) VALUES (1)");
    {
        RowStream stream = tenant.stream("SELECT id FROM items");
        while (stream.next()) continue;
    }
    Batch batch;
    batch.add("SELECT 1").add("SELECT 2");
    tenant.run(batch);
    ASSERT_EQ(tracer->seen.size(), 8u);
    EXPECT_EQ(tracer->begun, 8);
    EXPECT_EQ(tracer->wrong, 0);
    const auto& seen = tracer->seen;
    EXPECT_EQ(seen[0].tenant + seen[0].placement + seen[0].backend, "acmeshareddb");
    EXPECT_EQ(seen[0].rows, 2u);
    EXPECT_EQ(seen[1].rows, 1u);
    EXPECT_EQ(seen[1].fingerprint, seen[2].fingerprint);
    EXPECT_NE(seen[0].fingerprint, seen[1].fingerprint);
    EXPECT_EQ(seen[3].outcome, errc::refused);
    EXPECT_EQ(seen[4].outcome, errc::integrity);
    EXPECT_EQ(seen[5].rows, 2u);
    EXPECT_EQ(seen[7].sql, "SELECT 2");
}

TEST_P(DataSources, ManyThreadsOfTwoTenantsOnFewConnections) {
    shop.write_default("pool_size = 3");
    DataSource db = shop.open();
    for (const char* id : {"acme", "globex"})
        db.tenant(id).execute("INSERT INTO items (id, note) VALUES (1, :note)", named("note", id));
    std::atomic<int> foreign = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, id = std::string(i % 2 == 0 ? "acme" : "globex")] {
            Tenant tenant = db.tenant(id);
            for (int round = 0; round < 100; ++round) {
                if (tenant.query_value<std::string>("SELECT note FROM items WHERE id = :id",
                                                    named("id", 1)) != id)
                    ++foreign;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(foreign, 0);
    EXPECT_LE(db.pools().at(0).connects, 3u);
}

}  // namespace
}  // namespace fairlead::test

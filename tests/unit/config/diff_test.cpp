#include "config/diff.h"

#include <gtest/gtest.h>

namespace fairlead::config {
namespace {

using Names = std::vector<std::string>;
using namespace std::chrono_literals;

struct State {
    Settings settings;
    std::vector<Tenant> tenants;
    std::vector<User> users;
    SnapshotPtr snapshot() const { return std::make_shared<const Snapshot>(settings, tenants, users, 1); }
};

class DiffTest : public ::testing::Test {
protected:
    DiffTest() {
        before_.settings.backends.resize(2);
        before_.settings.backends[0].name = "pg1";
        before_.settings.backends[1].name = "pg2";
        before_.settings.placements.resize(2);
        before_.settings.placements[0].name = "shared";
        before_.settings.placements[1].name = "silo";
        before_.tenants = {{"a", {"shared"}, 1, 0, 0}, {"b", {"shared"}, 1, 0, 0}, {"c", {"silo"}, 1, 0, 0}};
        before_.users = {{"app", "x", {}, true, ""}, {"b_app", "y", {"b"}, false, ""}};
        after_ = before_;
    }
    SnapshotDiff diff() const { return SnapshotDiff(before_.snapshot(), after_.snapshot()); }

    State before_, after_;
};

TEST_F(DiffTest, nothing_changed) {
    SnapshotDiff same = diff();
    for (const Names* names : {&same.backends().added, &same.backends().removed, &same.backends().reconnect,
                               &same.backends().limits, &same.placements().added, &same.placements().removed,
                               &same.placements().changed, &same.needs_restart()})
        EXPECT_EQ(*names, Names{});
    EXPECT_EQ(same.tenant("a"), TenantChange::none);
    EXPECT_EQ(same.tenant("unknown"), TenantChange::none);
    EXPECT_EQ(same.user("app"), UserChange::none);
    EXPECT_EQ(same.user("unknown"), UserChange::none);
}

TEST_F(DiffTest, backends_come_and_go) {
    after_.settings.backends[1].name = "pg3";
    EXPECT_EQ(diff().backends().added, Names{"pg3"});
    EXPECT_EQ(diff().backends().removed, Names{"pg2"});
}

TEST_F(DiffTest, what_makes_connections_obsolete) {
    const std::vector<void (*)(Backend&)> changes = {
        [](Backend& b) { b.engine = Engine::mysql; },
        [](Backend& b) { b.host = "other"; },
        [](Backend& b) { b.port = 1; },
        [](Backend& b) { b.user = "other"; },
        [](Backend& b) { b.password = "other"; },
        [](Backend& b) { b.tls.mode = TlsMode::require; },
        [](Backend& b) { b.minimum_server_version = 1; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        SCOPED_TRACE(i);
        after_ = before_;
        changes[i](after_.settings.backends[0]);
        EXPECT_EQ(diff().backends().reconnect, Names{"pg1"});
        EXPECT_EQ(diff().backends().limits, Names{});
    }
}

TEST_F(DiffTest, limits_leave_connections_alone) {
    after_.settings.backends[1].pool_size = 5;
    after_.settings.backends[0].pool_recycle = 1s;
    EXPECT_EQ(diff().backends().limits, (Names{"pg1", "pg2"}));
    EXPECT_EQ(diff().backends().reconnect, Names{});
}

TEST_F(DiffTest, placements) {
    after_.settings.placements[0].global_tables = {"plans"};
    after_.settings.placements[1].name = "other";
    EXPECT_EQ(diff().placements().changed, Names{"shared"});
    EXPECT_EQ(diff().placements().added, Names{"other"});
    EXPECT_EQ(diff().placements().removed, Names{"silo"});
}

TEST_F(DiffTest, what_needs_a_restart_is_said_without_values) {
    after_.settings.postgres.address = {"127.0.0.1:1"};
    after_.settings.mysql.tls.mode = TlsMode::require;
    after_.settings.postgres.sni_suffix = "x";
    after_.settings.admin.address = "127.0.0.1:2";
    after_.settings.proxy.workers = 3;
    after_.settings.log.level = LogLevel::debug;  // takes effect at once
    EXPECT_EQ(diff().needs_restart(),
              (Names{"listen.postgres.address changed: takes effect with the next start",
                     "listen.postgres.sni_suffix changed: takes effect with the next start",
                     "listen.mysql.tls changed: takes effect with the next start",
                     "admin changed: takes effect with the next start",
                     "proxy.workers changed: takes effect with the next start"}));
}

TEST_F(DiffTest, tenants) {
    after_.tenants = {{"a", {"shared"}, 2, 0, 0}, {"b", {"silo"}, 1, 0, 0}, {"d", {"shared"}, 1, 0, 0}};
    EXPECT_EQ(diff().tenant("a"), TenantChange::limits);
    EXPECT_EQ(diff().tenant("b"), TenantChange::placement);
    EXPECT_EQ(diff().tenant("c"), TenantChange::removed);
    EXPECT_EQ(diff().tenant("d"), TenantChange::added);
    EntryCounts counts = diff().count_tenants();
    EXPECT_EQ(counts.added, 1u);
    EXPECT_EQ(counts.removed, 1u);
    EXPECT_EQ(counts.changed, 2u);
}

TEST_F(DiffTest, users) {
    after_.users = {{"app", "other", {}, true, ""}, {"new", "y", {"b"}, false, ""}};
    EXPECT_EQ(diff().user("app"), UserChange::changed);
    EXPECT_EQ(diff().user("b_app"), UserChange::removed);
    EXPECT_EQ(diff().user("new"), UserChange::added);
    EntryCounts counts = diff().count_users();
    EXPECT_EQ(counts.added, 1u);
    EXPECT_EQ(counts.removed, 1u);
    EXPECT_EQ(counts.changed, 1u);
}

TEST_F(DiffTest, keeps_both_snapshots_alive) {
    SnapshotPtr before = before_.snapshot();
    std::weak_ptr<const Snapshot> watched = before;
    SnapshotDiff kept(std::move(before), after_.snapshot());
    EXPECT_FALSE(watched.expired());
}

}  // namespace
}  // namespace fairlead::config

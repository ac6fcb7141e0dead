#include "config/loader.h"

#include "unit/config/loading.h"

namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;
using testing::minimal;
using namespace std::chrono_literals;

class Loader : public LoadingTest {};

const std::string contract = R"(
[proxy]
workers = 0
[listen.postgres]
address = ["127.0.0.1:6432", "unix:/run/fairlead/.s.PGSQL.6432"]
tls = { mode = "prefer", cert = "server.crt", key = "server.key", ca = "ca.crt" }
[listen.mysql]
address = ["127.0.0.1:6033"]
[admin]
address = "127.0.0.1:9127"

[backends.pg1]
engine = "postgres"
host = "127.0.0.1"
port = 5432
user = "fairlead_app"
password = "env:PG1_PASSWORD"
pool_size = 21
min_pool_size = 1
max_overflow = 2
pool_timeout = "3s"
pool_recycle = "2h"
pool_pre_ping = true
idle_timeout = "11m"
dns_ttl = "31s"
tls = { mode = "prefer" }
[backends.pg2]
host = "pg2"
user = "app"
[backends.my1]
engine = "mysql"
host = "my1"
user = "app"

[placements.shared]
model = "pool"
backend = "pg1"
database = "shop"
tenant_column = "tenant_id"
global_tables = ["plans"]
expose_as = "shop"
isolation = "sealed"
pooling = "transaction"
[placements.own_schema]
model = "bridge"
backend = "pg1"
database = "shop"
schema = "tenant_{id}"
[placements.globex_silo]
model = "silo"
backend = "pg2"
database = "shop"
[placements.legacy]
model = "bridge"
backend = "my1"
database = "tenant_{id}"
[placements.shared_mysql]
backend = "my1"
database = "shop"
tenant_column = "tenant_id"

[[tenants]]
id = "acme"
placement = ["shared", "legacy", "shared_mysql"]
weight = 3
max_server_connections = 5
max_client_connections = 200
[[tenants]]
id = "globex"
placement = "globex_silo"
[[users]]
name = "acme_app"
password = "plain text"
tenants = ["acme"]
[[users]]
name = "app"
password = "x${APP_PASSWORD}y"
tenants = "*"
[[users]]
name = "one"
certificate_name = "one.example.com"
tenants = "globex"
)";

class ContractFile : public Loader {
protected:
    ContractFile() {
        for (const char* name : {"server.crt", "server.key", "ca.crt"}) folder_.write(name, "x");
        variables_ = {{"PG1_PASSWORD", "a long enough password"}, {"APP_PASSWORD", "secret"}};
        snapshot_ = good(contract);
    }
    SnapshotPtr snapshot_;
};

TEST_F(ContractFile, backends) {
    ASSERT_TRUE(snapshot_);
    const Backend* backend = snapshot_->backend("pg1");
    ASSERT_TRUE(backend);
    EXPECT_EQ(backend->engine, Engine::postgres);
    EXPECT_EQ(backend->host, "127.0.0.1");
    EXPECT_EQ(backend->port, 5432);
    EXPECT_EQ(backend->user, "fairlead_app");
    EXPECT_EQ(backend->password, "a long enough password");
    EXPECT_EQ(backend->pool_size, 21u);
    EXPECT_EQ(backend->min_pool_size, 1u);
    EXPECT_EQ(backend->max_overflow, 2u);
    EXPECT_EQ(backend->pool_timeout, 3s);
    EXPECT_EQ(backend->pool_recycle, 2h);
    EXPECT_TRUE(backend->pool_pre_ping);
    EXPECT_FALSE(snapshot_->backend("my1")->pool_pre_ping);
    EXPECT_EQ(backend->idle_timeout, 11min);
    EXPECT_EQ(backend->dns_ttl, 31s);
    EXPECT_EQ(backend->tls.mode, TlsMode::prefer);
    EXPECT_EQ(snapshot_->backend("my1")->port, 3306);
    EXPECT_EQ(snapshot_->backend("pg3"), nullptr);
}

TEST_F(ContractFile, listeners) {
    ASSERT_TRUE(snapshot_);
    const Settings& settings = snapshot_->settings();
    EXPECT_EQ(settings.postgres.address, (Lines{"127.0.0.1:6432", "unix:/run/fairlead/.s.PGSQL.6432"}));
    EXPECT_EQ(settings.postgres.tls.mode, TlsMode::prefer);
    EXPECT_EQ(settings.postgres.tls.cert, folder_.path("server.crt"));
    EXPECT_EQ(settings.postgres.tls.key, folder_.path("server.key"));
    EXPECT_EQ(settings.postgres.tls.ca, folder_.path("ca.crt"));
    EXPECT_EQ(settings.mysql.address, Lines{"127.0.0.1:6033"});
    EXPECT_EQ(settings.mysql.tls.mode, TlsMode::disable);
    EXPECT_EQ(settings.admin.address, "127.0.0.1:9127");
}

TEST_F(ContractFile, placements) {
    ASSERT_TRUE(snapshot_);
    const Placement* shared = snapshot_->placement("shared");
    ASSERT_TRUE(shared);
    EXPECT_EQ(shared->tenant_column, "tenant_id");
    EXPECT_EQ(shared->global_tables, Lines{"plans"});
    EXPECT_EQ(shared->isolation, Isolation::sealed);
    EXPECT_EQ(snapshot_->placement("own_schema")->isolation, Isolation::none);
    EXPECT_EQ(snapshot_->placement("own_schema")->schema, "tenant_{id}");
    EXPECT_EQ(snapshot_->placement("globex_silo")->model, Model::silo);
    EXPECT_EQ(snapshot_->placement("shared_mysql")->isolation, Isolation::rewrite);
    EXPECT_EQ(snapshot_->placement("nowhere"), nullptr);
}

TEST_F(ContractFile, tenants_and_users) {
    ASSERT_TRUE(snapshot_);
    EXPECT_EQ(snapshot_->generation(), 7u);
    EXPECT_EQ(snapshot_->tenant_count(), 2u);
    const Tenant* acme = snapshot_->tenant("acme");
    ASSERT_TRUE(acme);
    EXPECT_EQ(acme->placements, (Lines{"shared", "legacy", "shared_mysql"}));
    EXPECT_EQ(acme->weight, 3u);
    EXPECT_EQ(acme->max_server_connections, 5u);
    EXPECT_EQ(acme->max_client_connections, 200u);
    EXPECT_EQ(snapshot_->tenant("globex")->placements, Lines{"globex_silo"});
    EXPECT_EQ(snapshot_->tenant("Acme"), nullptr);
    EXPECT_EQ(snapshot_->user("acme_app")->password, "plain text");
    EXPECT_EQ(snapshot_->user("acme_app")->tenants, Lines{"acme"});
    EXPECT_FALSE(snapshot_->user("acme_app")->any_tenant);
    EXPECT_EQ(snapshot_->user("app")->password, "xsecrety");
    EXPECT_TRUE(snapshot_->user("app")->any_tenant);
    EXPECT_TRUE(snapshot_->user("app")->tenants.empty());
    EXPECT_EQ(snapshot_->user("one")->certificate_name, "one.example.com");
    EXPECT_EQ(snapshot_->user("nobody"), nullptr);
}

TEST_F(Loader, reads_every_other_setting) {
    SnapshotPtr snapshot = good(minimal + R"(connect_timeout = "1s"
max_parallel_logins = 2
max_server_prepared_statements = 3
minimum_server_version = 150004
probe_interval = "0s"
[placements.p]
model = "pool"
backend = "pg1"
database = "shop"
tenant_column = "t"
isolation = "guc"
allowed_functions = ["app.f", "g"]
context_variable = "my.tenant"
context_lifetime = "10m"
catalogue_refresh = "1m"
pooling = "session"
[proxy]
workers = 3
login_timeout = "1s"
shutdown_timeout = "0s"
max_client_connections = 10
max_startup_connections = 11
max_statement_bytes = "2MiB"
max_prepared_statements = 12
guard_cache_bytes = 65536
[log]
format = "json"
level = "debug"
statements = true
[admin]
busiest_tenants = 5
)");
    ASSERT_TRUE(snapshot);
    const Proxy expected_proxy{3, 1s, 0s, 10, 11, 2u << 20, 12, 65'536};
    EXPECT_EQ(snapshot->settings().proxy, expected_proxy);
    const Log expected_log{LogFormat::json, LogLevel::debug, true};
    EXPECT_EQ(snapshot->settings().log, expected_log);
    EXPECT_EQ(snapshot->settings().admin.busiest_tenants, 5u);
    const Backend* backend = snapshot->backend("pg1");
    EXPECT_EQ(backend->connect_timeout, 1s);
    EXPECT_EQ(backend->max_parallel_logins, 2u);
    EXPECT_EQ(backend->max_server_prepared_statements, 3u);
    EXPECT_EQ(backend->minimum_server_version, 150'004u);
    EXPECT_EQ(backend->probe_interval, 0s);
    const Placement* placement = snapshot->placement("p");
    EXPECT_EQ(placement->allowed_functions, (Lines{"app.f", "g"}));
    EXPECT_EQ(placement->context_variable, "my.tenant");
    EXPECT_EQ(placement->context_lifetime, 10min);
    EXPECT_EQ(placement->catalogue_refresh, 1min);
    EXPECT_EQ(placement->pooling, Pooling::session);
    EXPECT_EQ(placement->isolation, Isolation::guc);
}

TEST_F(Loader, defaults_are_those_of_the_settings_header) {
    SnapshotPtr snapshot = good(minimal);
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->settings().proxy, Proxy{});
    EXPECT_EQ(snapshot->settings().log, Log{});
    EXPECT_EQ(snapshot->settings().admin, Admin{});
    Backend expected;
    expected.name = "pg1";
    expected.host = "127.0.0.1";
    expected.user = "app";
    expected.port = 5432;
    EXPECT_EQ(*snapshot->backend("pg1"), expected);
}

TEST_F(Loader, one_address_needs_no_list) {
    EXPECT_EQ(good(minimal)->settings().postgres.address, Lines{"127.0.0.1:6432"});
}

TEST_F(Loader, a_missing_file_is_a_mistake) {
    LoadResult result = load(
        folder_.path("none.toml"), [](auto) { return std::nullopt; }, 1);
    EXPECT_EQ(result.snapshot, nullptr);
    EXPECT_EQ(lines(result.mistakes), Lines{"0:0 : cannot read the file: No such file or directory"});
    EXPECT_EQ(to_string(result.mistakes.at(0)),
              folder_.path("none.toml") + ": cannot read the file: No such file or directory");
}

TEST_F(Loader, a_folder_is_no_file) {
    LoadResult result = load(
        folder_.path(""), [](auto) { return std::nullopt; }, 1);
    EXPECT_EQ(lines(result.mistakes), Lines{"0:0 : cannot read the file: it is a directory"});
}

TEST_F(Loader, a_syntax_error_has_line_and_column) {
    auto found = mistakes("[proxy]\nworkers = = 1\n");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].starts_with("2:11 : not valid TOML: ")) << found[0];
}

TEST_F(Loader, a_key_given_twice_is_named) {
    auto found = mistakes("[proxy]\nworkers = 1\nworkers = 2\n");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].starts_with("3:")) << found[0];
    EXPECT_NE(found[0].find("cannot redefine existing integer 'workers'"), std::string::npos) << found[0];
}

TEST_F(Loader, prints_file_line_column_key_message) {
    Diagnostic diagnostic{"fairlead.toml", 12, 7, "backends.pg1.pool_size", "expected more"};
    EXPECT_EQ(to_string(diagnostic), "fairlead.toml:12:7: backends.pg1.pool_size: expected more");
}

}  // namespace
}  // namespace fairlead::config

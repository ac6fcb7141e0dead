#include "unit/config/loading.h"

/// Mistakes in single values: types, ranges, words, units, unknown keys, the environment.
namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;
using testing::minimal;

class Values : public LoadingTest {
protected:
    /// The mistakes of one more line in [backends.pg1]; it stands on line 6.
    Lines backend(const std::string& line) { return mistakes(minimal + line + "\n"); }
};

TEST_F(Values, unknown_keys_are_answered_with_the_nearest) {
    EXPECT_EQ(backend("pool_sise = 3"),
              Lines{"6:1 backends.pg1.pool_sise: unknown key, did you mean \"pool_size\"?"});
    EXPECT_EQ(backend("zzz = 3"), Lines{"6:1 backends.pg1.zzz: unknown key"});
    EXPECT_EQ(backend("tls = { mod = \"prefer\" }"),
              Lines{"6:9 backends.pg1.tls.mod: unknown key, did you mean \"mode\"?"});
    EXPECT_EQ(backend("[plcements.x]\nmodel = \"pool\""),
              Lines{"6:2 plcements: unknown key, did you mean \"placements\"?"});
    EXPECT_EQ(backend("[listen.postgras]"),
              Lines{"6:9 listen.postgras: unknown key, did you mean \"postgres\"?"});
    EXPECT_EQ(backend("[[tenants]]\nid = \"a\"\nplacment = \"x\""),
              (Lines{"6:1 tenants[0].placement: is required: the name of a [placements.NAME] table, or a "
                     "list of names",
                     "8:1 tenants[0].placment: unknown key, did you mean \"placement\"?"}));
}

TEST_F(Values, wrong_types_name_what_was_found) {
    EXPECT_EQ(backend("pool_size = \"20\""),
              Lines{"6:13 backends.pg1.pool_size: expected a whole number, found a string"});
    EXPECT_EQ(backend("pool_size = 2.5"),
              Lines{"6:13 backends.pg1.pool_size: expected a whole number, found a decimal number"});
    EXPECT_EQ(backend("password = 12345"),
              Lines{"6:12 backends.pg1.password: expected a string, found a whole number"});
    EXPECT_EQ(backend("password = true"),
              Lines{"6:12 backends.pg1.password: expected a string, found true or false"});
    EXPECT_EQ(backend("tls = \"prefer\""), Lines{"6:7 backends.pg1.tls: expected a table, found a string"});
    EXPECT_EQ(backend("engine = [\"postgres\"]"),
              Lines{"6:10 backends.pg1.engine: expected one of \"postgres\", \"mysql\", found a list"});
    EXPECT_EQ(backend("[log]\nstatements = \"yes\""),
              Lines{"7:14 log.statements: expected true or false, found a string"});
    EXPECT_EQ(
        backend("[proxy]\nlogin_timeout = 1979-05-27"),
        Lines{"7:17 proxy.login_timeout: expected a duration such as \"250ms\", \"30s\", \"10m\", \"1h\" or "
              "\"2d\", found a date"});
    EXPECT_EQ(mistakes("proxy = 1\n[listen.postgres]\naddress = \"a:1\""),
              Lines{"1:9 proxy: expected a table, found a whole number"});
    EXPECT_EQ(mistakes("backends = 1\n[listen.postgres]\naddress = \"a:1\""),
              Lines{"1:12 backends: expected a table, found a whole number"});
    EXPECT_EQ(mistakes("tenants = 1\n[listen.postgres]\naddress = \"a:1\""),
              Lines{"1:11 tenants: expected [[tenants]] blocks, found a whole number"});
    EXPECT_EQ(mistakes("users = [1]\n[listen.postgres]\naddress = \"a:1\""),
              Lines{"1:10 users[0]: expected a table, found a whole number"});
    EXPECT_EQ(mistakes("[listen.postgres]\naddress = [\"a:1\", 2]"),
              Lines{"2:19 listen.postgres.address[1]: expected a string, found a whole number"});
    EXPECT_EQ(mistakes("[listen]\npostgres = 1"),
              (Lines{"1:1 listen: there is no listener: set listen.postgres.address or listen.mysql.address",
                     "2:12 listen.postgres: expected a table, found a whole number"}));
}

TEST_F(Values, numbers_have_ranges) {
    EXPECT_EQ(backend("pool_size = 0"),
              Lines{"6:13 backends.pg1.pool_size: expected a whole number of at least 1, found 0"});
    EXPECT_EQ(backend("max_overflow = -1"),
              Lines{"6:16 backends.pg1.max_overflow: expected a whole number of at least 0, found -1"});
    EXPECT_EQ(backend("max_overflow = 4294967296"), Lines{"6:16 backends.pg1.max_overflow: expected a whole "
                                                          "number of at most 4294967295, found 4294967296"});
    EXPECT_EQ(backend("port = 0"),
              Lines{"6:8 backends.pg1.port: expected a whole number from 1 to 65535, found 0"});
    EXPECT_EQ(backend("port = 65536"),
              Lines{"6:8 backends.pg1.port: expected a whole number of at most 65535, found 65536"});
    EXPECT_EQ(
        backend("[[tenants]]\nid = \"a\"\nplacement = \"p\"\nweight = 0\n[placements.p]\nmodel = \"silo\"\n"
                "backend = \"pg1\"\ndatabase = \"d\""),
        Lines{"9:10 tenants[0].weight: expected a whole number of at least 1, found 0"});
}

TEST_F(Values, durations_need_a_unit) {
    const std::string expected = "expected a duration such as \"250ms\", \"30s\", \"10m\", \"1h\" or \"2d\"";
    EXPECT_EQ(backend("pool_timeout = 30"), Lines{"6:16 backends.pg1.pool_timeout: " + expected +
                                                  ", found the plain number 30 without a unit"});
    EXPECT_EQ(backend("pool_timeout = \"30 s\""),
              Lines{"6:16 backends.pg1.pool_timeout: " + expected + " (at most ten years), found \"30 s\""});
    EXPECT_EQ(backend("pool_timeout = \"0s\""),
              Lines{"6:16 backends.pg1.pool_timeout: expected a duration of at least 1ms, found \"0s\""});
}

TEST_F(Values, sizes) {
    EXPECT_EQ(
        backend("[proxy]\nmax_statement_bytes = \"1 MB\""),
        Lines{"7:23 proxy.max_statement_bytes: expected a size such as \"64KiB\", \"128MiB\" or a number of "
              "bytes, found \"1 MB\""});
    EXPECT_EQ(backend("[proxy]\nmax_statement_bytes = \"10B\""),
              Lines{"7:23 proxy.max_statement_bytes: expected a size of at least 1024 bytes, found \"10B\""});
    EXPECT_EQ(backend("[proxy]\nmax_statement_bytes = 10"),
              Lines{"7:23 proxy.max_statement_bytes: expected a whole number of at least 1024, found 10"});
    EXPECT_EQ(
        backend("[proxy]\nmax_statement_bytes = true"),
        Lines{
            "7:23 proxy.max_statement_bytes: expected a size such as \"128MiB\" or a number of bytes, found "
            "true or false"});
}

TEST_F(Values, words) {
    EXPECT_EQ(
        backend("engine = \"postgre\""),
        Lines{"6:10 backends.pg1.engine: expected one of \"postgres\", \"mysql\", found \"postgre\", did you "
              "mean \"postgres\"?"});
    EXPECT_EQ(
        backend("tls = { mode = \"verify_full\" }"),
        Lines{"6:16 backends.pg1.tls.mode: expected one of \"disable\", \"allow\", \"prefer\", \"require\", "
              "\"verify-ca\", \"verify-full\", found \"verify_full\", did you mean \"verify-full\"?"});
}

TEST_F(Values, empty_strings_and_nul) {
    EXPECT_EQ(
        mistakes("[listen.postgres]\naddress = \"a:1\"\n[backends.pg1]\nhost = \"\"\nuser = \"a\\u0000b\"\n"),
        (Lines{"4:8 backends.pg1.host: must not be empty",
               "5:8 backends.pg1.user: must not contain a NUL character"}));
}

TEST_F(Values, every_scalar_may_come_from_the_environment) {
    variables_ = {{"N", "7"}, {"T", "5s"}, {"S", "2MiB"}, {"B", "true"}, {"M", "require"}, {"H", "db"}};
    SnapshotPtr snapshot = good(minimal +
                                "pool_size = \"env:N\"\npool_timeout = \"env:T\"\ntls = { mode = \"${M}\" }\n"
                                "[proxy]\nmax_statement_bytes = \"env:S\"\n[log]\nstatements = \"env:B\"\n");
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->backend("pg1")->pool_size, 7u);
    EXPECT_EQ(snapshot->backend("pg1")->pool_timeout, std::chrono::seconds(5));
    EXPECT_EQ(snapshot->backend("pg1")->tls.mode, TlsMode::require);
    EXPECT_EQ(snapshot->settings().proxy.max_statement_bytes, 2u << 20);
    EXPECT_TRUE(snapshot->settings().log.statements);
}

TEST_F(Values, missing_variables_are_named) {
    EXPECT_EQ(backend("password = \"env:PG1_PASSWORD\""),
              Lines{"6:12 backends.pg1.password: environment variable PG1_PASSWORD is not set"});
    EXPECT_EQ(backend("password = \"a${PG1_PASSWORD}b\""),
              Lines{"6:12 backends.pg1.password: environment variable PG1_PASSWORD is not set"});
}

TEST_F(Values, what_a_variable_holds_is_not_shown) {
    variables_ = {{"V", "hunter2"}};
    EXPECT_EQ(backend("pool_size = \"env:V\""), Lines{"6:13 backends.pg1.pool_size: expected a whole number "
                                                      "of at least 1 in the environment variable"});
    EXPECT_EQ(
        backend("pool_timeout = \"env:V\""),
        Lines{
            "6:16 backends.pg1.pool_timeout: expected a duration such as \"250ms\", \"30s\", \"10m\", \"1h\" "
            "or \"2d\" (at most ten years), found \"env:V\""});
    EXPECT_EQ(backend("engine = \"env:V\""),
              Lines{"6:10 backends.pg1.engine: expected one of \"postgres\", \"mysql\", found \"env:V\""});
    EXPECT_EQ(backend("[log]\nstatements = \"env:V\""),
              Lines{"7:14 log.statements: expected the variable to hold true or false"});
    EXPECT_EQ(
        backend("[admin]\naddress = \"env:V\""),
        Lines{
            "7:11 admin.address: not an address: there is no port; expected \"host:port\", \"[::1]:port\" or "
            "\"unix:/path\"; found (a value from the environment)"});
}

TEST_F(Values, all_mistakes_are_told_at_once_in_file_order) {
    EXPECT_EQ(
        mistakes(R"([listen.postgres]
address = "nowhere"
[backends.pg1]
hst = "x"
user = "app"
pool_size = 0
[placements.shared]
backend = "pg2"
database = "shop"
tenant_column = "t"
[[tenants]]
id = "no dots.allowed"
placement = "shard"
[[users]]
name = "u"
password = "p"
)"),
        (Lines{"2:11 listen.postgres.address: not an address: there is no port; expected \"host:port\", "
               "\"[::1]:port\" or \"unix:/path\"; found \"nowhere\"",
               "3:1 backends.pg1.host: is required: the server's name or address, or the directory of its "
               "unix socket",
               "4:1 backends.pg1.hst: unknown key, did you mean \"host\"?",
               "6:13 backends.pg1.pool_size: expected a whole number of at least 1, found 0",
               "8:11 placements.shared.backend: there is no backend \"pg2\", did you mean \"pg1\"?",
               "12:6 tenants[0].id: \"no dots.allowed\" is outside of the safe alphabet: 1 to 63 characters "
               "from A-Z, a-z, 0-9, _ and -, the first a letter or a digit (rule G11)",
               "13:13 tenants[0].placement: there is no placement \"shard\", did you mean \"shared\"?",
               "14:1 users[0].tenants: is required: the user is bound to no tenant; name its tenants, or "
               "\"*\" for a trusted application server that names one with each connection"}));
}

}  // namespace
}  // namespace fairlead::config

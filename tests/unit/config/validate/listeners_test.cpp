#include "unit/config/loading.h"

namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;

class Listeners : public LoadingTest {
protected:
    Listeners() {
        for (const char* name : {"server.crt", "server.key", "ca.crt"}) folder_.write(name, "x");
        folder_.write("empty.crt", "");
    }
    /// The mistakes of [listen.postgres] with this tls table, which stands on line 3.
    Lines tls(const std::string& table) {
        return mistakes("[listen.postgres]\naddress = \"127.0.0.1:6432\"\ntls = " + table + "\n");
    }
};

TEST_F(Listeners, at_least_one_is_needed) {
    EXPECT_EQ(mistakes("[proxy]\n"),
              Lines{"0:0 listen: there is no listener: set listen.postgres.address or listen.mysql.address"});
    EXPECT_EQ(mistakes("[listen.postgres]\naddress = []\n"),
              Lines{"1:1 listen: there is no listener: set listen.postgres.address or listen.mysql.address"});
    good("[listen.mysql]\naddress = \"127.0.0.1:6033\"\n");
}

TEST_F(Listeners, the_admin_pages_are_served_over_tcp) {
    EXPECT_EQ(mistakes("[listen.postgres]\naddress = \"h:1\"\n[admin]\naddress = \"unix:/run/admin\"\n"),
              Lines{"4:11 admin.address: the admin pages are served over TCP only; expected \"host:port\""});
}

TEST_F(Listeners, addresses_must_parse_and_differ) {
    EXPECT_EQ(mistakes("[listen.postgres]\naddress = [\"h:1\", \"h:1\"]\n[admin]\naddress = \"h:1\"\n"),
              (Lines{"2:11 listen.postgres.address: \"h:1\" is given twice, first by listen.postgres.address",
                     "4:11 admin.address: \"h:1\" is given twice, first by listen.postgres.address"}));
    EXPECT_EQ(
        mistakes("[listen.postgres]\naddress = \"h:70000\"\n"),
        Lines{"2:11 listen.postgres.address: the port must be 1 to 65535, found 70000; found \"h:70000\""});
    EXPECT_EQ(
        mistakes("[listen.postgres]\naddress = \"unix:/" + std::string(107, 'a') + "\"\n"),
        Lines{"2:11 listen.postgres.address: the unix socket path is 108 bytes long, at most 107 fit into a "
              "socket address; found \"unix:/" +
              std::string(54, 'a') + "...\""});
}

TEST_F(Listeners, tls_mode_follows_the_certificate_unless_it_is_given) {
    const std::string files = "cert = \"server.crt\", key = \"server.key\"";
    auto mode = [&](const std::string& table) {
        SnapshotPtr snapshot = good("[listen.postgres]\naddress = \"h:1\"\ntls = " + table + "\n");
        return snapshot ? snapshot->settings().postgres.tls.mode : TlsMode::allow;
    };
    EXPECT_EQ(good("[listen.postgres]\naddress = \"h:1\"\n")->settings().postgres.tls.mode, TlsMode::disable);
    EXPECT_EQ(mode("{ " + files + " }"), TlsMode::prefer);
    EXPECT_EQ(mode("{ mode = \"disable\", " + files + " }"), TlsMode::disable);
    EXPECT_EQ(mode("{ mode = \"require\", " + files + " }"), TlsMode::require);
    EXPECT_EQ(mode("{ mode = \"verify-full\", ca = \"ca.crt\", " + files + " }"), TlsMode::verify_full);
}

TEST_F(Listeners, tls_needs_its_files) {
    EXPECT_EQ(tls("{ cert = \"server.crt\" }"),
              Lines{"3:16 listen.postgres.tls.cert: needs a key as well: tls.key"});
    EXPECT_EQ(tls("{ key = \"server.key\" }"),
              Lines{"3:15 listen.postgres.tls.key: needs a certificate as well: tls.cert"});
    EXPECT_EQ(tls("{ mode = \"require\" }"),
              Lines{"3:16 listen.postgres.tls.mode: TLS needs tls.cert and tls.key"});
    EXPECT_EQ(tls("{ mode = \"verify-ca\", cert = \"server.crt\", key = \"server.key\" }"),
              Lines{"3:16 listen.postgres.tls.mode: verifying client certificates needs tls.ca"});
    EXPECT_EQ(
        tls("{ mode = \"allow\", cert = \"server.crt\", key = \"server.key\" }"),
        Lines{"3:16 listen.postgres.tls.mode: \"allow\" is for backends; a listener takes disable, prefer, "
              "require, verify-ca or verify-full"});
}

TEST_F(Listeners, tls_files_must_be_readable) {
    EXPECT_EQ(
        tls("{ cert = \"none.crt\", key = \"server.key\" }"),
        Lines{"3:16 listen.postgres.tls.cert: cannot read the file \"none.crt\": No such file or directory"});
    EXPECT_EQ(tls("{ cert = \".\", key = \"server.key\" }"),
              Lines{"3:16 listen.postgres.tls.cert: cannot read the file \".\": it is a directory"});
    EXPECT_EQ(tls("{ cert = \"empty.crt\", key = \"server.key\" }"),
              Lines{"3:16 listen.postgres.tls.cert: cannot read the file \"empty.crt\": it is empty"});
}

TEST_F(Listeners, sni_without_tls_is_worth_a_warning) {
    LoadResult result = load_text("[listen.postgres]\naddress = \"h:1\"\nsni_suffix = \"db.example.com\"\n");
    EXPECT_TRUE(result.snapshot);
    EXPECT_EQ(lines(result.warnings),
              Lines{"3:14 listen.postgres.sni_suffix: has no effect without TLS: set tls.cert and tls.key"});
}

}  // namespace
}  // namespace fairlead::config

#include "unit/config/loading.h"

namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;
using testing::minimal;

class Backends : public LoadingTest {
protected:
    Backends() {
        for (const char* name : {"client.crt", "client.key", "ca.crt"}) folder_.write(name, "x");
    }
    Lines backend(const std::string& line) { return mistakes(minimal + line + "\n"); }
};

TEST_F(Backends, host_and_user_are_required) {
    EXPECT_EQ(
        mistakes("[listen.postgres]\naddress = \"h:1\"\n[backends.pg1]\n"),
        (Lines{"3:1 backends.pg1.host: is required: the server's name or address, or the directory of its "
               "unix socket",
               "3:1 backends.pg1.user: is required: the account that logs in to the server"}));
}

TEST_F(Backends, a_wrong_value_is_not_called_missing_as_well) {
    EXPECT_EQ(mistakes("[listen.postgres]\naddress = \"h:1\"\n[backends.pg1]\nhost = 1\nuser = \"u\"\n"),
              Lines{"4:8 backends.pg1.host: expected a string, found a whole number"});
}

TEST_F(Backends, names_with_dots_are_quoted) {
    EXPECT_EQ(mistakes("[listen.postgres]\naddress = \"h:1\"\n[backends.\"eu.1\"]\nhost = \"h\"\n"),
              Lines{"3:1 backends.\"eu.1\".user: is required: the account that logs in to the server"});
}

TEST_F(Backends, min_pool_size_fits_into_pool_size) {
    EXPECT_EQ(backend("pool_size = 5\nmin_pool_size = 6"),
              Lines{"7:17 backends.pg1.min_pool_size: 6 is more than pool_size, which is 5"});
    EXPECT_EQ(backend("pool_size = 5\nmin_pool_size = 5"), Lines{});
}

TEST_F(Backends, tls) {
    EXPECT_EQ(backend("tls = { mode = \"verify-full\" }"),
              Lines{"6:16 backends.pg1.tls.mode: verifying the server's certificate needs tls.ca"});
    EXPECT_EQ(backend("tls = { mode = \"verify-ca\" }"),
              Lines{"6:16 backends.pg1.tls.mode: verifying the server's certificate needs tls.ca"});
    EXPECT_EQ(backend("tls = { cert = \"client.crt\" }"),
              Lines{"6:16 backends.pg1.tls.cert: needs a key as well: tls.key"});
    EXPECT_EQ(backend("tls = { key = \"client.key\" }"),
              Lines{"6:15 backends.pg1.tls.key: needs a certificate as well: tls.cert"});
    EXPECT_EQ(
        backend("tls = { mode = \"verify-full\", ca = \"none.crt\" }"),
        Lines{"6:36 backends.pg1.tls.ca: cannot read the file \"none.crt\": No such file or directory"});
    EXPECT_EQ(
        backend(
            "tls = { mode = \"verify-full\", ca = \"ca.crt\", cert = \"client.crt\", key = \"client.key\" }"),
        Lines{});
}

}  // namespace
}  // namespace fairlead::config

#include "unit/config/loading.h"

namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;

class Placements : public LoadingTest {
protected:
    /// The mistakes of [placements.p]; its header stands on line 10.
    static std::string file(const std::string& placement) {
        return R"([listen.postgres]
address = "127.0.0.1:6432"
[backends.pg1]
host = "h"
user = "u"
password = "0123456789abcdef"
[backends.my1]
engine = "mysql"
host = "h"
)"
               "user = \"u\"\n[placements.p]\n" +
               placement + "\n";
    }
    Lines placement(const std::string& text) { return mistakes(file(text)); }

    const std::string pool_ = "backend = \"pg1\"\ndatabase = \"d\"\ntenant_column = \"t\"\n";
    const std::string bridge_ = "model = \"bridge\"\nbackend = \"pg1\"\n";
    const std::string silo_ = "model = \"silo\"\nbackend = \"pg1\"\n";
};

TEST_F(Placements, the_backend_must_exist) {
    EXPECT_EQ(placement("backend = \"pg2\"\ndatabase = \"d\"\ntenant_column = \"t\""),
              Lines{"12:11 placements.p.backend: there is no backend \"pg2\", did you mean \"pg1\"?"});
    EXPECT_EQ(placement("backend = \"other\"\ndatabase = \"d\"\ntenant_column = \"t\""),
              Lines{"12:11 placements.p.backend: there is no backend \"other\""});
}

TEST_F(Placements, required_keys) {
    EXPECT_EQ(
        placement(""),
        (Lines{"11:1 placements.p.backend: is required: the name of a [backends.NAME] table",
               "11:1 placements.p.database: is required: the database on the server",
               "11:1 placements.p.tenant_column: is required: model \"pool\" tells tenants apart by a column "
               "of each shared table"}));
}

TEST_F(Placements, pool) {
    EXPECT_EQ(placement(pool_), Lines{});
    EXPECT_EQ(
        placement("backend = \"pg1\"\ndatabase = \"d_{id}\"\ntenant_column = \"t\""),
        Lines{"13:12 placements.p.database: must not contain {id} with model \"pool\": all its tenants share "
              "one database"});
    EXPECT_EQ(
        placement(pool_ + "schema = \"s_{id}\""),
        Lines{"15:10 placements.p.schema: is for model \"bridge\" only; this placement has model \"pool\""});
}

TEST_F(Placements, bridge_by_schema_or_by_database) {
    EXPECT_EQ(placement(bridge_ + "database = \"d\"\nschema = \"t_{id}\""), Lines{});
    EXPECT_EQ(placement(bridge_ + "database = \"d_{id}\""), Lines{});
    EXPECT_EQ(
        placement(bridge_ + "database = \"d\""),
        Lines{"14:12 placements.p.database: model \"bridge\" needs {id} in database or in schema, such as "
              "schema = \"tenant_{id}\""});
    EXPECT_EQ(
        placement(bridge_ + "database = \"d\"\nschema = \"s\""),
        Lines{
            "15:10 placements.p.schema: model \"bridge\" needs {id} in database or in schema, such as schema "
            "= \"tenant_{id}\""});
    EXPECT_EQ(placement(bridge_ + "database = \"d_{id}\"\nschema = \"s_{id}\""),
              Lines{"15:10 placements.p.schema: only one of database and schema may contain {id}"});
    EXPECT_EQ(placement(bridge_ + "database = \"d_{id}\"\nschema = \"s\""),
              Lines{"15:10 placements.p.schema: must not be given when database contains {id}"});
    EXPECT_EQ(
        placement("model = \"bridge\"\nbackend = \"my1\"\ndatabase = \"d\"\nschema = \"s_{id}\""),
        Lines{"15:10 placements.p.schema: MySQL has no schemas within a database; put {id} into database"});
}

TEST_F(Placements, silo) {
    EXPECT_EQ(placement(silo_ + "database = \"d\""), Lines{});
    EXPECT_EQ(
        placement(silo_ + "database = \"d_{id}\""),
        Lines{"14:12 placements.p.database: must not contain {id} with model \"silo\": it has one tenant and "
              "one database"});
    EXPECT_EQ(
        placement(silo_ + "database = \"d\"\nschema = \"s\""),
        Lines{"15:10 placements.p.schema: is for model \"bridge\" only; this placement has model \"silo\""});
}

TEST_F(Placements, a_filter_that_would_not_be_applied_is_refused) {
    EXPECT_EQ(
        placement(silo_ + "database = \"d\"\ntenant_column = \"t\"\nglobal_tables = [\"g\"]"),
        (Lines{
            "15:17 placements.p.tenant_column: is for model \"pool\" only; this placement has model \"silo\"",
            "16:17 placements.p.global_tables: is for model \"pool\" only; this placement has model "
            "\"silo\""}));
}

TEST_F(Placements, isolation_fits_engine_and_model) {
    EXPECT_EQ(placement(pool_ + "isolation = \"guc\""), Lines{});
    EXPECT_EQ(placement(pool_ + "isolation = \"rewrite\""),
              Lines{"15:13 placements.p.isolation: \"rewrite\" is not available on PostgreSQL yet; use "
                    "\"sealed\" or, "
                    "with policies of your own, \"guc\""});
    EXPECT_EQ(
        placement(pool_ + "isolation = \"none\""),
        Lines{"15:13 placements.p.isolation: model \"pool\" on PostgreSQL takes isolation \"sealed\" or "
              "\"guc\", found \"none\""});
    const std::string mysql = "backend = \"my1\"\ndatabase = \"d\"\ntenant_column = \"t\"\n";
    EXPECT_EQ(placement(mysql), Lines{});
    for (const char* isolation : {"sealed", "guc", "none"})
        EXPECT_EQ(placement(mysql + "isolation = \"" + isolation + "\""),
                  Lines{std::string("15:13 placements.p.isolation: model \"pool\" on MySQL takes isolation "
                                    "\"rewrite\", found \"") +
                        isolation + "\""});
    EXPECT_EQ(placement(silo_ + "database = \"d\"\nisolation = \"none\""), Lines{});
    EXPECT_EQ(
        placement(silo_ + "database = \"d\"\nisolation = \"guc\""),
        Lines{"15:13 placements.p.isolation: model \"silo\" takes isolation \"none\": its tenants share no "
              "tables, found \"guc\""});
    EXPECT_EQ(
        placement(bridge_ + "database = \"d_{id}\"\nisolation = \"rewrite\""),
        Lines{"15:13 placements.p.isolation: model \"bridge\" takes isolation \"none\": its tenants share no "
              "tables, found \"rewrite\""});
}

TEST_F(Placements, a_mistyped_model_or_engine_has_no_consequences) {
    EXPECT_EQ(
        placement("model = \"silos\"\nbackend = \"pg1\"\ndatabase = \"d\""),
        Lines{"12:9 placements.p.model: expected one of \"pool\", \"bridge\", \"silo\", found \"silos\", did "
              "you mean \"silo\"?"});
    EXPECT_EQ(
        placement(pool_ + "isolation = \"seald\""),
        Lines{
            "15:13 placements.p.isolation: expected one of \"sealed\", \"guc\", \"rewrite\", \"none\", found "
            "\"seald\", did you mean \"sealed\"?"});
}

TEST_F(Placements, context_keys) {
    EXPECT_EQ(placement(pool_ + "context_keys = [\"0123456789abcdef\", \"fedcba9876543210\"]"), Lines{});
    EXPECT_EQ(placement(pool_ + "context_keys = [\"0123456789abcdef\", \"fedcba987654321\"]"),
              Lines{"15:16 placements.p.context_keys[1]: a key needs at least 16 bytes, this one has 15"});
    EXPECT_EQ(placement(pool_ +
                        "context_keys = [\"0123456789abcdef\", \"1123456789abcdef\", \"2123456789abcdef\"]"),
              Lines{"15:16 placements.p.context_keys: at most two keys, newest first; found 3"});
    EXPECT_EQ(placement(pool_ + "context_keys = \"0123456789abcdef\""),
              Lines{"15:16 placements.p.context_keys: expected a list of strings, found a string"});
}

TEST_F(Placements, sealed_needs_something_to_sign_with) {
    const std::string head =
        "[listen.postgres]\naddress = \"h:1\"\n[backends.pg1]\nhost = \"h\"\nuser = \"u\"\n";
    EXPECT_EQ(mistakes(head + "[placements.p]\n" + pool_),
              Lines{"6:1 placements.p.context_keys: isolation \"sealed\" signs its tokens: give context_keys "
                    "here, or "
                    "set backends.pg1.password, from which a key is derived"});
    EXPECT_EQ(
        mistakes(head + "[placements.p]\n" + pool_ + "context_keys = []"),
        Lines{
            "10:16 placements.p.context_keys: isolation \"sealed\" signs its tokens: give context_keys here, "
            "or set backends.pg1.password, from which a key is derived"});
    EXPECT_EQ(mistakes(head + "[placements.p]\n" + pool_ + "isolation = \"guc\""), Lines{});
    EXPECT_EQ(mistakes(head + "password = \"env:NONE\"\n[placements.p]\n" + pool_),
              Lines{"6:12 backends.pg1.password: environment variable NONE is not set"});
}

TEST_F(Placements, a_key_derived_from_a_short_password_is_worth_a_warning) {
    LoadResult result = load_text(
        "[listen.postgres]\naddress = \"h:1\"\n[backends.pg1]\nhost = \"h\"\nuser = "
        "\"u\"\npassword = \"0123456789abcde\"\n[placements.p]\n" +
        pool_);
    EXPECT_TRUE(result.snapshot);
    EXPECT_EQ(
        lines(result.warnings),
        Lines{"7:1 placements.p.context_keys: the signing key of placement \"p\" is derived from "
              "backends.pg1.password, which is shorter than 16 characters; give context_keys or a longer "
              "password"});
    EXPECT_EQ(lines(load_text(file(pool_)).warnings), Lines{});
}

TEST_F(Placements, context_variable) {
    EXPECT_EQ(placement(pool_ + "isolation = \"guc\"\ncontext_variable = \"app.t\""), Lines{});
    for (const char* name : {"tenant", "app.", ".app", "app..t", "app.1", "app.t;x", "app t"})
        EXPECT_EQ(
            placement(pool_ + "isolation = \"guc\"\ncontext_variable = \"" + name + "\""),
            Lines{std::string("16:20 placements.p.context_variable: expected a name with a dot, such as "
                              "\"app.current_tenant\"; found \"") +
                  name + "\""});
    EXPECT_EQ(
        placement(pool_ + "isolation = \"guc\"\ncontext_variable = \"fairlead.context\""),
        Lines{"16:20 placements.p.context_variable: names that start with \"fairlead.\" are Fairlead's own"});
}

TEST_F(Placements, settings_of_another_isolation_are_worth_a_warning) {
    LoadResult result = load_text(file(silo_ + "database = \"d\"\ncontext_variable = \"a.b\"\ncontext_keys = "
                                               "[\"0123456789abcdef\"]"));
    EXPECT_TRUE(result.snapshot);
    EXPECT_EQ(
        lines(result.warnings),
        (Lines{
            "15:20 placements.p.context_variable: has no effect with isolation \"none\"; it is for \"guc\"",
            "16:16 placements.p.context_keys: has no effect with isolation \"none\""}));
}

}  // namespace
}  // namespace fairlead::config

#include "unit/config/loading.h"

/// No two tenants may live where nothing keeps them apart.
namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;

class Homes : public LoadingTest {
protected:
    /// The messages of mistakes, without places.
    Lines messages(const std::string& text) {
        Lines result;
        for (const Diagnostic& d : load_text(head_ + text).mistakes)
            result.push_back(d.key + ": " + d.message);
        return result;
    }
    static std::string tenant(const std::string& id, const std::string& placement) {
        return "[[tenants]]\nid = \"" + id + "\"\nplacement = \"" + placement + "\"\n";
    }

    const std::string head_ = R"([listen.postgres]
address = "127.0.0.1:6432"
[backends.pg1]
host = "h"
user = "u"
password = "0123456789abcdef"
[backends.pg1_again]
host = "H"
user = "other"
[backends.my1]
engine = "mysql"
host = "h"
user = "u"
)";
    const std::string silo_ = "[placements.silo]\nmodel = \"silo\"\nbackend = \"pg1\"\ndatabase = \"d\"\n";
};

TEST_F(Homes, a_silo_holds_one_tenant) {
    LoadResult result = load_text(head_ + silo_ + tenant("a", "silo") + tenant("b", "silo"));
    EXPECT_EQ(
        lines(result.mistakes),
        Lines{"23:13 tenants[1].placement: placement \"silo\" is a silo and already has tenant \"a\"; a silo "
              "holds one tenant, since nothing filters rows there"});
    EXPECT_EQ(messages(silo_ + tenant("a", "silo")), Lines{});
}

TEST_F(Homes, a_silo_has_its_database_alone) {
    const Lines refused{
        "placements.silo.database: is also the database of placement \"other\"; a silo must have its "
        "database alone, since nothing filters rows there"};
    const std::string rest = "backend = \"pg1_again\"\ndatabase = \"d\"\n";
    EXPECT_EQ(messages(silo_ + "[placements.other]\nmodel = \"silo\"\n" + rest), refused);
    EXPECT_EQ(messages(silo_ + "[placements.other]\ntenant_column = \"t\"\nisolation = \"guc\"\n" + rest),
              refused);
    EXPECT_EQ(messages(silo_ + "[placements.other]\nmodel = \"bridge\"\nschema = \"{id}\"\n" + rest),
              refused);
    EXPECT_EQ(messages(silo_ + "[placements.other]\nmodel = \"silo\"\nbackend = \"pg1\"\ndatabase = \"D\"\n"),
              Lines{});
}

TEST_F(Homes, pool_and_schemas_may_share_a_database) {
    EXPECT_EQ(
        messages("[placements.pool]\nbackend = \"pg1\"\ndatabase = \"d\"\ntenant_column = \"t\"\n"
                 "[placements.schemas]\nmodel = \"bridge\"\nbackend = \"pg1\"\ndatabase = \"d\"\nschema = "
                 "\"t_{id}\"\n" +
                 tenant("a", "schemas") + tenant("b", "schemas") + tenant("c", "pool")),
        Lines{});
}

TEST_F(Homes, a_schema_of_all_is_no_home) {
    for (const char* name : {"public", "information_schema", "pg_catalog", "fairlead"})
        EXPECT_EQ(
            messages("[placements.s]\nmodel = \"bridge\"\nbackend = \"pg1\"\ndatabase = \"d\"\nschema = "
                     "\"{id}\"\n" +
                     tenant(name, "s")),
            Lines{std::string("tenants[0].placement: schema \"") + name +
                  "\" of placement \"s\" is not the tenant's own"});
}

TEST_F(Homes, a_database_of_all_is_no_home) {
    const std::string databases =
        "[placements.s]\nmodel = \"bridge\"\nbackend = \"pg1\"\ndatabase = \"{id}\"\n";
    for (const char* name : {"postgres", "template1", "d"})
        EXPECT_EQ(messages(silo_ + databases + tenant(name, "s")),
                  Lines{std::string("tenants[0].placement: database \"") + name +
                        "\" of placement \"s\" is not the tenant's own"});
    EXPECT_EQ(messages(silo_ + databases + tenant("D", "s")), Lines{});
    EXPECT_EQ(messages("[placements.s]\nmodel = \"bridge\"\nbackend = \"my1\"\ndatabase = \"{id}\"\n" +
                       tenant("MySQL", "s")),
              Lines{"tenants[0].placement: database \"MySQL\" of placement \"s\" is not the tenant's own"});
}

TEST_F(Homes, a_silo_on_mysql_should_have_its_account_alone) {
    auto silo = [](const std::string& backend) {
        return "[placements.silo]\nmodel = \"silo\"\nbackend = \"" + backend + "\"\ndatabase = \"d\"\n";
    };
    const std::string my2 = "[backends.my2]\nengine = \"mysql\"\nhost = \"H\"\nuser = \"alone\"\n";
    const std::string shared =
        "[placements.shared]\nbackend = \"my1\"\ndatabase = \"shop\"\ntenant_column = \"t\"\n";
    LoadResult result = load_text(head_ + my2 + silo("my1") + shared);
    EXPECT_EQ(lines(result.mistakes), Lines{});
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings[0].key, "placements.silo.backend");
    EXPECT_NE(result.warnings[0].message.find("account of placement \"shared\""), std::string::npos);
    EXPECT_TRUE(load_text(head_ + my2 + silo("my2") + shared).warnings.empty());
}

TEST_F(Homes, patterns_must_not_meet) {
    auto bridge = [](const std::string& name, const std::string& key, const std::string& pattern) {
        return "[placements." + name + "]\nmodel = \"bridge\"\nbackend = \"pg1\"\n" +
               (key == "schema" ? "database = \"d\"\n" : "") + key + " = \"" + pattern + "\"\n";
    };
    for (const char* key : {"schema", "database"})
        EXPECT_EQ(messages(bridge("one", key, "a_{id}") + bridge("two", key, "a_b_{id}") +
                           tenant("b_c", "one") + tenant("c", "two")),
                  Lines{std::string("tenants[1].placement: ") + key +
                        " \"a_b_c\" already belongs to tenant \"b_c\""});
}

TEST_F(Homes, mysql_databases_may_be_the_same_but_for_case) {
    EXPECT_EQ(messages("[placements.s]\nmodel = \"bridge\"\nbackend = \"my1\"\ndatabase = \"t_{id}\"\n" +
                       tenant("acme", "s") + tenant("Acme", "s")),
              Lines{"tenants[1].placement: database \"t_Acme\" already belongs to tenant \"acme\""});
    EXPECT_EQ(messages("[placements.s]\nmodel = \"bridge\"\nbackend = \"pg1\"\ndatabase = \"t_{id}\"\n" +
                       tenant("acme", "s") + tenant("Acme", "s")),
              Lines{});
}

TEST_F(Homes, names_that_the_server_would_cut_are_refused) {
    const std::string schemas =
        "[placements.s]\nmodel = \"bridge\"\nbackend = \"pg1\"\ndatabase = \"d\"\nschema = \"t_{id}\"\n";
    EXPECT_EQ(messages(schemas + tenant(std::string(61, 'x'), "s")), Lines{});
    EXPECT_EQ(messages(schemas + tenant(std::string(62, 'x'), "s")),
              Lines{"tenants[0].placement: schema \"t_" + std::string(58, 'x') +
                    "...\" of placement \"s\" is longer than 63 bytes"});
}

}  // namespace
}  // namespace fairlead::config

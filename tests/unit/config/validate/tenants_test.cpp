#include "unit/config/loading.h"

namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;

class Tenants : public LoadingTest {
protected:
    /// The mistakes of tenants that stand on lines 24 and later.
    Lines tenants(const std::string& text) { return mistakes(head_ + text); }

    /// One tenant of that id: [[tenants]] on line 24, id on line 25.
    Lines id(const std::string& id) {
        return tenants("[[tenants]]\nid = \"" + id + "\"\nplacement = \"shared\"\n");
    }

    const std::string head_ = testing::one_placement +
                              R"([placements.archive]
backend = "pg1"
database = "archive"
tenant_column = "t"
expose_as = "shop"
[backends.my1]
engine = "mysql"
host = "h"
)"
                              "user = \"u\"\n[placements.shop_mysql]\nbackend = \"my1\"\ndatabase = "
                              "\"shop\"\ntenant_column = \"t\"\n";
};

TEST_F(Tenants, ids_come_from_the_safe_alphabet) {
    for (const std::string& good_id : {std::string("a"), std::string("0-_Z"), std::string(63, 'x')})
        EXPECT_EQ(id(good_id), Lines{}) << good_id;
    for (const std::string& bad :
         {std::string("-a"), std::string("_a"), std::string("a.b"), std::string("a b"), std::string("a'b"),
          std::string("ä"), std::string(64, 'x')})
        EXPECT_EQ(id(bad),
                  Lines{"25:6 tenants[0].id: \"" + bad.substr(0, 60) + (bad.size() > 60 ? "..." : "") +
                        "\" is outside of the safe alphabet: 1 to 63 characters from A-Z, a-z, 0-9, _ and "
                        "-, the first a letter or a digit (rule G11)"});
    EXPECT_EQ(id(""), Lines{"25:6 tenants[0].id: must not be empty"});
}

TEST_F(Tenants, id_and_placement_are_required) {
    EXPECT_EQ(tenants("[[tenants]]\n"), (Lines{"24:1 tenants[0].id: is required",
                                               "24:1 tenants[0].placement: is required: the name of a "
                                               "[placements.NAME] table, or a list of names"}));
    EXPECT_EQ(tenants("[[tenants]]\nid = \"a\"\nplacement = []\n"),
              Lines{"26:13 tenants[0].placement: must not be an empty list"});
}

TEST_F(Tenants, ids_are_unique) {
    EXPECT_EQ(tenants("[[tenants]]\nid = \"a\"\nplacement = \"shared\"\n[[tenants]]\nid = \"a\"\nplacement = "
                      "\"shared\"\n[[tenants]]\nid = \"A\"\nplacement = \"shared\"\n"),
              Lines{"28:6 tenants[1].id: \"a\" is given twice, first on line 25"});
}

TEST_F(Tenants, placements_must_exist) {
    EXPECT_EQ(tenants("[[tenants]]\nid = \"a\"\nplacement = [\"shard\", \"elsewhere\"]\n"),
              (Lines{"26:13 tenants[0].placement: there is no placement \"shard\", did you mean \"shared\"?",
                     "26:13 tenants[0].placement: there is no placement \"elsewhere\""}));
}

TEST_F(Tenants, one_placement_for_each_engine_and_database_name) {
    EXPECT_EQ(
        tenants("[[tenants]]\nid = \"a\"\nplacement = [\"shared\", \"archive\"]\n"),
        Lines{"26:13 tenants[0].placement: placements \"shared\" and \"archive\" are both postgres and both "
              "reached as database \"shop\"; set expose_as in one of them"});
    EXPECT_EQ(tenants("[[tenants]]\nid = \"a\"\nplacement = [\"shared\", \"shared\"]\n"),
              Lines{"26:13 tenants[0].placement: placement \"shared\" is named twice"});
    EXPECT_EQ(tenants("[[tenants]]\nid = \"a\"\nplacement = [\"shared\", \"shop_mysql\"]\n"), Lines{});
}

TEST_F(Tenants, a_file_where_all_is_wrong_still_answers_quickly_and_completely) {
    std::string text;
    for (int i = 0; i < 2'000; ++i)
        text += "[[users]]\nname = \"u" + std::to_string(i) + "\"\npassword = \"p\"\ntenants = \"tenamt7\"\n";
    for (int i = 0; i < 2'000; ++i)
        text += "[[tenants]]\nid = \"tenant" + std::to_string(i) + "\"\nplacement = \"shared\"\n";
    Lines found = tenants(text);
    ASSERT_EQ(found.size(), 2'000u);
    EXPECT_EQ(found.front(),
              "27:11 users[0].tenants: there is no tenant \"tenamt7\", did you mean \"tenant7\"?");
    EXPECT_EQ(found.back(), "8023:11 users[1999].tenants: there is no tenant \"tenamt7\"");
}

}  // namespace
}  // namespace fairlead::config

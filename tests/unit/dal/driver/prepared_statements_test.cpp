#include "dal/driver/prepared_statements.h"

#include <gmock/gmock.h>

#include <string>

namespace fairlead::dal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Names = PreparedStatements<std::string>;

/// Prepares it in an operation of its own, which succeeds.
void prepare(Names& names, const StatementKey& key, const std::string& name) {
    names.begin_operation();
    Names::Statement* const made = names.add(key, name);
    ASSERT_NE(made, nullptr);
    names.confirm(*made);
    names.end_operation();
}

TEST(PreparedStatements, EveryPartOfTheKeyCounts) {
    Names names(10);
    prepare(names, {"acme", "SELECT 1", ""}, "a");
    EXPECT_EQ(names.find({"globex", "SELECT 1", ""}), nullptr);
    EXPECT_EQ(names.find({"acme", "SELECT 2", ""}), nullptr);
    EXPECT_EQ(names.find({"acme", "SELECT 1", "0,"}), nullptr);
    EXPECT_EQ(names.find({"acmeSELECT", " 1", ""}), nullptr);
    ASSERT_NE(names.find({"acme", "SELECT 1", ""}), nullptr);
}

TEST(PreparedStatements, TheLeastRecentlyUsedMakesRoom) {
    Names names(2);
    prepare(names, {"", "1", ""}, "a");
    prepare(names, {"", "2", ""}, "b");
    names.begin_operation();
    names.find({"", "1", ""});
    names.end_operation();
    prepare(names, {"", "3", ""}, "c");
    EXPECT_THAT(names.to_close(), ElementsAre("b"));
    EXPECT_EQ(names.size(), 2u);
    EXPECT_NE(names.find({"", "1", ""}), nullptr);
}

TEST(PreparedStatements, AnOperationKeepsWhatItUses) {
    Names names(2);
    prepare(names, {"", "1", ""}, "a");
    names.begin_operation();
    names.find({"", "1", ""});
    EXPECT_NE(names.add({"", "2", ""}, "b"), nullptr);
    EXPECT_EQ(names.add({"", "3", ""}, "c"), nullptr);
    EXPECT_THAT(names.to_close(), IsEmpty());
    EXPECT_EQ(Names(0).add({"", "1", ""}, "a"), nullptr);
}

TEST(PreparedStatements, OnlyWhatWasConfirmedStays) {
    Names names(5);
    names.begin_operation();
    names.add({"", "refused", ""}, "a");
    Names::Statement* const taken = names.add({"", "taken", ""}, "b");
    names.confirm(*taken);
    names.add({"", "skipped", ""}, "c");
    names.end_operation();
    EXPECT_EQ(names.size(), 1u);
    EXPECT_EQ(names.find({"", "refused", ""}), nullptr);
    EXPECT_NE(names.find({"", "taken", ""}), nullptr);
    EXPECT_THAT(names.to_close(), IsEmpty()) << "the server never had them";
}

TEST(PreparedStatements, GivenUpIsClosedAndForgottenIsNot) {
    Names names(5);
    prepare(names, {"", "1", ""}, "a");
    prepare(names, {"", "2", ""}, "b");
    names.give_up(*names.find({"", "1", ""}));
    names.forget(*names.find({"", "2", ""}));
    EXPECT_EQ(names.size(), 0u);
    EXPECT_THAT(names.to_close(), ElementsAre("a"));
    names.clear();
    EXPECT_THAT(names.to_close(), IsEmpty());
}

}  // namespace
}  // namespace fairlead::dal

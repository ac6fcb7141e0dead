#include "fairlead/bound_statement.h"

#include "fairlead/batch.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace fairlead {
namespace {

TEST(BoundStatement, OwnsTextNamesAndValues) {
    std::string sql = "SELECT :a, :b";
    std::string name = "a";
    std::string value = "a value too long for a small string";
    BoundStatement bound = fairlead::bind(sql, named(name, value), named("b", 7));
    for (std::string* changed : {&sql, &name, &value}) changed->assign(changed->size(), '!');

    EXPECT_EQ(bound.sql(), "SELECT :a, :b");
    ASSERT_EQ(bound.arguments().size(), 2u);
    EXPECT_EQ(bound.arguments()[0].name(), "a");
    EXPECT_EQ(bound.arguments()[0].text(), "a value too long for a small string");
    EXPECT_EQ(bound.arguments()[1].name(), "b");
    EXPECT_EQ(bound.arguments()[1].integer(), 7);
}

TEST(BoundStatement, KeepsEveryKindOfValue) {
    const Bytes bytes{std::byte{0}, std::byte{255}};
    const BoundStatement bound =
        fairlead::bind("SELECT", nullptr, true, -5, 5u, 2.5, "", bytes, std::optional<int>());
    const auto values = bound.arguments();
    ASSERT_EQ(values.size(), 8u);
    EXPECT_TRUE(values[0].is_null());
    EXPECT_EQ(values[1].kind(), Argument::Kind::boolean);
    EXPECT_EQ(values[1].unsigned_integer(), 1u);
    EXPECT_EQ(values[2].integer(), -5);
    EXPECT_EQ(values[3].unsigned_integer(), 5u);
    EXPECT_EQ(values[4].real(), 2.5);
    EXPECT_EQ(values[5].kind(), Argument::Kind::text);
    EXPECT_TRUE(values[5].text().empty());
    EXPECT_NE(values[5].text().data(), nullptr);
    EXPECT_EQ(values[6].kind(), Argument::Kind::bytes);
    EXPECT_EQ(values[6].text(), std::string_view("\0\xff", 2));
    EXPECT_TRUE(values[7].is_null());
}

TEST(BoundStatement, StaysWholeWhenMovedAndCopied) {
    BoundStatement first = fairlead::bind("SELECT $1", "one");
    BoundStatement copy = first;
    BoundStatement moved = std::move(first);
    copy = fairlead::bind("SELECT $1, $2", "two", 2);
    EXPECT_EQ(moved.statement().sql, "SELECT $1");
    EXPECT_EQ(moved.statement().arguments[0].text(), "one");
    EXPECT_EQ(copy.statement().arguments[0].text(), "two");
    moved = copy;
    EXPECT_EQ(moved.arguments()[0].text(), "two");
    EXPECT_NE(moved.arguments()[0].text().data(), copy.arguments()[0].text().data());
}

TEST(Batch, OwnsWhatIsAdded) {
    Batch batch;
    for (int line = 0; line < 40; ++line) {
        batch.add("INSERT INTO lines (id, note) VALUES ($1, $2)", line, "line " + std::to_string(line));
    }
    batch.add("DELETE FROM lines");
    ASSERT_EQ(batch.size(), 41u);
    EXPECT_EQ(batch.entries()[39].arguments()[1].text(), "line 39");
    EXPECT_EQ(batch.entries()[40].sql(), "DELETE FROM lines");
    EXPECT_TRUE(batch.entries()[40].arguments().empty());
}

}  // namespace
}  // namespace fairlead

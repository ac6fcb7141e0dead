#include "policy/named_text.h"

#include "policy/mysql/named_placeholders.h"
#include "policy/postgres/named_placeholders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

named_text on_postgres(std::string_view sql) {
    const named_places found = postgres::find_named_placeholders(sql);
    EXPECT_EQ(found.error, "");
    return with_numbers(sql, found.places);
}

named_text on_mysql(std::string_view sql, const mysql::lex_mode& mode = {}) {
    const named_places found = mysql::find_named_placeholders(sql, mode);
    EXPECT_EQ(found.error, "");
    return with_question_marks(sql, found.places);
}

TEST(NamedText, ANameHasOneNumberOnPostgresAndIsBoundTwiceOnMysql) {
    constexpr auto sql = "SELECT a FROM t WHERE b = :x AND (c > :y OR d = :x)";
    EXPECT_EQ(on_postgres(sql).sql, "SELECT a FROM t WHERE b = $1 AND (c > $2 OR d = $1)");
    EXPECT_THAT(on_postgres(sql).names, ElementsAre("x", "y"));
    EXPECT_EQ(on_mysql(sql).sql, "SELECT a FROM t WHERE b = ? AND (c > ? OR d = ?)");
    EXPECT_THAT(on_mysql(sql).names, ElementsAre("x", "y", "x"));
}

TEST(NamedText, NeverInLiteralsCommentsNamesAndCasts) {
    constexpr auto sql =
        "SELECT ':a', E'\\':b', $x$ :c $x$, \":d\", e::text /* :f */ FROM t -- :g\n WHERE h = : i";
    EXPECT_EQ(on_postgres(sql).sql, sql);
    EXPECT_THAT(on_postgres(sql).names, IsEmpty());
    constexpr auto mysql_sql = "SELECT ':a', \"\\\":b\", `:d`, @v := 1 /* :f */ FROM t # :g\n WHERE h = : i";
    EXPECT_EQ(on_mysql(mysql_sql).sql, mysql_sql);
    EXPECT_THAT(on_mysql(mysql_sql).names, IsEmpty());
}

TEST(NamedText, ReadsTextsAsTheModeSays) {
    mysql::lex_mode plain;
    plain.no_backslash_escapes = true;
    constexpr auto sql = "SELECT '\\', :a";
    EXPECT_THAT(on_mysql(sql, plain).names, ElementsAre("a"));
    EXPECT_THAT(mysql::find_named_placeholders(sql, {}).error, HasSubstr("unterminated"));
}

TEST(NamedText, APlaceholderNeverRunsIntoAName) {
    EXPECT_EQ(on_postgres("SELECT a:x").sql, "SELECT a $1");
    EXPECT_EQ(on_postgres("SELECT 1+:x::int").sql, "SELECT 1+$1::int");
}

TEST(NamedText, InWhatMakesAnArrayTheyAreNoSlice) {
    EXPECT_EQ(on_postgres("SELECT a = ANY(Array[:x, f(:y)])").sql, "SELECT a = ANY(Array[$1, f($2)])");
    EXPECT_EQ(on_postgres("SELECT ARRAY[[1, :x], [:y, 2]]").sql, "SELECT ARRAY[[1, $1], [$2, 2]]");
    EXPECT_EQ(on_postgres("SELECT a[ARRAY[:x]], :y").sql, "SELECT a[ARRAY[$1]], $2");
    for (const char* sql :
         {"SELECT t.array[:n]", "SELECT \"array\"[:n]", "SELECT ARRAY[a[:n]]", "SELECT (a)[:n]",
          "SELECT ARRAY[1][:n]", "SELECT array_of[:n]", "SELECT ARRAY[(a)[1:n], :x]"})
        EXPECT_THAT(postgres::find_named_placeholders(sql).error, HasSubstr("slice")) << sql;
}

TEST(NamedText, WhatIsAmbiguousIsAnError) {
    EXPECT_THAT(postgres::find_named_placeholders("SELECT a[1:n] FROM t").error, HasSubstr("slice"));
    EXPECT_THAT(postgres::find_named_placeholders("SELECT $1, :n").error, HasSubstr("together"));
    EXPECT_THAT(postgres::find_named_placeholders("SELECT ':n").error, HasSubstr("unterminated"));
    EXPECT_EQ(postgres::find_named_placeholders("SELECT a[1:n]").position, 11u);
    EXPECT_THAT(mysql::find_named_placeholders("SELECT ?, :n", {}).error, HasSubstr("together"));
    EXPECT_THAT(mysql::find_named_placeholders("SELECT /*!100000 :n */ 1", {}).error, HasSubstr("comment"));
    EXPECT_THAT(mysql::find_named_placeholders("SELECT ':n", {}).error, HasSubstr("unterminated"));
}

}  // namespace
}  // namespace fairlead::policy

#include "policy/mysql/fingerprint.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace fairlead::policy::mysql {
namespace {

constexpr lex_mode mariadb{.server_version = 101119};

std::vector<token> cut(std::string_view sql) {
    std::vector<token> tokens;
    EXPECT_TRUE(lex(sql, mariadb, tokens)) << sql;
    return tokens;
}

std::string key_of(std::string_view sql) {
    std::string key;
    append_fingerprint(sql, cut(sql), key);
    return key;
}

TEST(mysql_fingerprint, values_of_literals_and_the_kind_of_layout_do_not_matter) {
    std::string key = key_of("SELECT a FROM t WHERE b = 'x' AND c = 1");
    EXPECT_EQ(key, key_of("SELECT a\n\tFROM t WHERE b  = 'it''s' AND c =\r42"));
    EXPECT_EQ(key_of("SELECT /*a*/ 1"), key_of("SELECT -- b\n2"));
    EXPECT_EQ(key_of("SELECT 'a'"), key_of("SELECT \"\""));
}

TEST(mysql_fingerprint, everything_else_matters) {
    std::vector<std::string> texts = {
        "SELECT a",        "select a",         "SELECT `a`",      "SELECT A",          "SELECT 'a'",
        "SELECT N'a'",     "SELECT N 'a'",     "SELECT x'41'",    "SELECT b'1'",       "SELECT 1",
        "SELECT 1.",       "SELECT 1e1",       "SELECT -1",       "SELECT - 1",        "SELECT ?",
        "SELECT \\N",      "SELECT @a",        "SELECT @b",       "SELECT @@a",        "SELECT a b",
        "SELECT a.b",      "SELECT a .b",      "SELECT a. b",     "SELECT 'a''b','c'", "SELECT 'a' 'b'",
        "SELECT f(1)",     "SELECT f (1)",     "SELECT f/**/(1)", "SELECT /*!a*/",     "SELECT/**/ a",
        "SELECT 1 < = 2",  "SELECT 1 <= 2",    "SELECT 1 <=> 2",  "SELECT 1 < = > 2",  "SELECT 1;",
        "SELECT _utf8'a'", "SELECT _utf8 'a'", "SELECTa",         "SELECT 1 'a'"};
    std::set<std::string> keys;
    for (const std::string& sql : texts) EXPECT_TRUE(keys.insert(key_of(sql)).second) << sql;
}

using piece = std::tuple<token_kind, bool, bool, bool, std::string>;

// Reads a key back, which shows that it can be read in one way only.
class reader {
public:
    explicit reader(std::string_view key) : key_(key) {}
    std::optional<piece> next() {
        if (key_.empty()) return std::nullopt;
        auto head = static_cast<std::uint8_t>(key_[0]);
        key_.remove_prefix(1);
        unsigned what = head & 15U;
        bool punctuation = what == 0 || what >= 14;
        std::string text;
        auto kind = punctuation ? token_kind::punctuation : static_cast<token_kind>(what);
        if (punctuation)
            text = take(what == 0 ? 1 : what - 12);
        else if (!is_literal(kind) || (head & 0x80U) != 0)
            text = take(length());
        return piece{kind, (head & 0x10U) != 0, (head & 0x20U) != 0, (head & 0x40U) != 0, text};
    }

private:
    std::string take(std::size_t size) {
        std::string out(key_.substr(0, size));
        EXPECT_EQ(out.size(), size);
        key_.remove_prefix(out.size());
        return out;
    }
    std::size_t length() {
        auto size = static_cast<std::uint8_t>(take(1)[0]);
        if (size < 255) return size;
        std::uint32_t longer = 0;
        std::memcpy(&longer, take(4).data(), 4);
        return longer;
    }
    std::string_view key_;
};

TEST(mysql_fingerprint, can_be_read_back) {
    std::string long_name(300, 'n');
    for (const std::string& sql :
         {std::string(
              "SELECT a.`b``c`, @x, @@y, ?, \\N, 'a', N'b', x'00', b'1', 1, 1.5, 1e5 <=> /*!f*/(2) != --1"),
          "SELECT " + long_name + " FROM t", std::string("")}) {
        std::string key = key_of(sql);
        reader keys(key);
        for (const token& t : cut(sql)) {
            std::string text = is_literal(t.kind) ? "" : std::string(t.text_in(sql));
            EXPECT_EQ(keys.next(), (piece{t.kind, t.in_comment, t.space_before, t.comment_before, text}))
                << sql;
        }
        EXPECT_EQ(keys.next(), std::nullopt);
    }
}

TEST(mysql_fingerprint, literals_in_full_can_be_told_apart) {
    std::string sql = "'a' 'ab' 'b' 1 " + std::string(300, '7');
    std::string key;
    for (const token& t : cut(sql)) append_full(sql, t, key);
    reader keys(key);
    for (const token& t : cut(sql)) EXPECT_EQ(std::get<4>(*keys.next()), t.text_in(sql));
    EXPECT_EQ(keys.next(), std::nullopt);
}

}  // namespace
}  // namespace fairlead::policy::mysql

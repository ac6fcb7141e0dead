#include "policy/postgres/fingerprint.h"

#include "unit/policy/postgres/sql_generator.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::policy::postgres {
namespace {

std::string key_of(std::string_view sql) {
    std::vector<token> tokens;
    EXPECT_TRUE(lex(sql, tokens)) << sql;
    std::string key;
    append_fingerprint(sql, tokens, key);
    return key;
}

TEST(fingerprint, layout_comments_and_literal_values_do_not_matter) {
    std::string key = key_of("SELECT a FROM t WHERE b = 'x' AND c = 1");
    EXPECT_EQ(key, key_of("SELECT a\n\tFROM t -- comment\n WHERE b='y''z' /* c */ AND c=42"));
    EXPECT_EQ(key, key_of("SELECT a FROM t WHERE b = 'x'\n'y' AND c = 1"));
    EXPECT_EQ(key_of("SELECT a = -1"), key_of("SELECT a =- 2"));
}

TEST(fingerprint, everything_else_matters) {
    std::vector<std::string> texts = {
        "SELECT a FROM t WHERE b = 'x'",       "SELECT a FROM t WHERE b = \"x\"",
        "SELECT a FROM t WHERE b = x",         "SELECT a FROM t WHERE b = X'1'",
        "SELECT a FROM t WHERE b = B'1'",      "SELECT a FROM t WHERE b = E'x'",
        "SELECT a FROM t WHERE b = N'x'",      "SELECT a FROM t WHERE b = N 'x'",
        "SELECT a FROM t WHERE b = U&'x'",     "SELECT a FROM t WHERE b = u & 'x'",
        "SELECT a FROM t WHERE b = $$x$$",     "SELECT a FROM t WHERE b = 1",
        "SELECT a FROM t WHERE b = 1.0",       "SELECT a FROM t WHERE b = -1",
        "SELECT a FROM t WHERE b = $1",        "SELECT a FROM t WHERE b = $2",
        "SELECT a FROM t WHERE b = $11",       "SELECT a FROM t WHERE b = NULL",
        "SELECT a FROM t WHERE b = TRUE",      "SELECT a FROM t WHERE b = FALSE",
        "SELECT a FROM t WHERE b @- 1",        "SELECT a FROM t WHERE b @ - 1",
        "SELECT a FROM t WHERE b < > 'x'",     "SELECT a FROM t WHERE b <> 'x'",
        "SELECT a FROM t WHERE b : : 'x'",     "SELECT a FROM t WHERE b :: 'x'",
        "SELECT a FROM t WHERE b = 'x';",      "SELECT a FROM t WHERE b = 'x' 'y'",
        "SELECT A FROM t WHERE b = 'x'",       "SELECT \"a\" FROM t WHERE b = 'x'",
        "SELECT U&\"a\" FROM t WHERE b = 'x'", "SELECT aFROM t WHERE b = 'x'",
        "SELECTa FROM t WHERE b = 'x'",        "SELECT a FROM tWHERE b = 'x'"};
    std::set<std::string> keys;
    for (const std::string& sql : texts) EXPECT_TRUE(keys.insert(key_of(sql)).second) << sql;
}

// U&"..." names another identifier under another escape character, so this one literal belongs to the shape.
TEST(fingerprint, the_escape_character_of_an_identifier_matters) {
    EXPECT_NE(key_of("SELECT U&\"!0061\" UESCAPE '!'"), key_of("SELECT U&\"!0061\" UESCAPE '#'"));
    EXPECT_NE(key_of("SELECT U&\"!0061\" uEscape /* */ '!'"), key_of("SELECT U&\"!0061\" uEscape /* */ '#'"));
    EXPECT_EQ(key_of("SELECT U&\"!0061\" UESCAPE '!', 'a'"), key_of("SELECT U&\"!0061\" UESCAPE '!', 'b'"));
    EXPECT_NE(key_of("SELECT UESCAPE '!'"), key_of("SELECT UESCAPE !"));
}

// libpg_query's tree cannot tell an empty string from none (COPY t FROM '' from COPY t FROM STDIN).
TEST(fingerprint, an_empty_string_is_a_shape_of_its_own) {
    EXPECT_EQ(key_of("COPY t FROM 'a'"), key_of("COPY t FROM 'b'"));
    EXPECT_NE(key_of("COPY t FROM ''"), key_of("COPY t FROM 'a'"));
    EXPECT_NE(key_of("COPY t FROM ''\n''"), key_of("COPY t FROM 'a'"));
    EXPECT_NE(key_of("COPY t FROM E''"), key_of("COPY t FROM E'a'"));
    EXPECT_NE(key_of("COPY t FROM E''\n''"), key_of("COPY t FROM E'a'"));
    EXPECT_NE(key_of("COPY t FROM N''"), key_of("COPY t FROM N'a'"));
    EXPECT_NE(key_of("COPY t FROM B''"), key_of("COPY t FROM B'1'"));
    EXPECT_NE(key_of("COPY t FROM X''"), key_of("COPY t FROM X'1'"));
    EXPECT_NE(key_of("COPY t FROM U&''"), key_of("COPY t FROM U&'a'"));
    EXPECT_NE(key_of("COPY t FROM $$$$"), key_of("COPY t FROM $$a$$"));
    EXPECT_NE(key_of("COPY t FROM $q$$q$"), key_of("COPY t FROM $q$a$q$"));
    EXPECT_EQ(key_of("COPY t FROM $q$abc$q$"), key_of("COPY t FROM $$a$$"));
}

// Reads a key back. If this works for every text, no two token sequences that differ share a key.
using pieces = std::vector<std::pair<token_kind, std::string>>;

std::optional<pieces> decode(std::string_view key) {
    pieces out;
    std::size_t at = 0;
    auto byte = [&]() { return at < key.size() ? static_cast<std::uint8_t>(key[at++]) : 0; };
    while (at < key.size()) {
        std::uint8_t head = byte();
        if (head >= 32 && head < 127) {
            out.emplace_back(token_kind::punctuation, std::string(1, static_cast<char>(head)));
            continue;
        }
        bool full_literal = head == 31;
        if (full_literal) head = byte();
        if (head > static_cast<std::uint8_t>(token_kind::number)) return std::nullopt;
        auto kind = static_cast<token_kind>(head);
        if (is_literal(kind) && !full_literal) {
            out.emplace_back(kind, "");
            continue;
        }
        std::size_t length = byte();
        if (length == 255) {
            std::uint32_t wide = 0;
            if (key.size() - at < sizeof wide) return std::nullopt;
            std::memcpy(&wide, key.data() + at, sizeof wide);
            at += sizeof wide;
            length = wide;
        }
        if (length > key.size() - at) return std::nullopt;
        out.emplace_back(kind, std::string(key.substr(at, length)));
        at += length;
    }
    return out;
}

void expect_decodes(const std::string& sql, int& checked) {
    std::vector<token> tokens;
    if (!lex(sql, tokens)) return;
    std::string key;
    append_fingerprint(sql, tokens, key);
    auto decoded = decode(key);
    ASSERT_TRUE(decoded) << sql;
    ASSERT_EQ(decoded->size(), tokens.size()) << sql;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto& [kind, text] = (*decoded)[i];
        ASSERT_EQ(kind, tokens[i].kind) << sql;
        if (is_literal(kind) && text.empty()) continue;
        ASSERT_EQ(text, tokens[i].text_in(sql)) << sql;
    }
    ++checked;
}

TEST(fingerprint, can_be_read_back_in_one_way_only) {
    test::sql_generator generator(77);
    int checked = 0;
    for (int i = 0; i < 20'000; ++i) expect_decodes(generator.text(10), checked);
    EXPECT_GT(checked, 5'000);
    for (std::size_t length : {1, 31, 32, 254, 255, 256, 70'000}) {
        int before = checked;
        expect_decodes(
            "SELECT " + std::string(length, 'x') + ", \"" + std::string(length, '\'') + "\" FROM t", checked);
        EXPECT_EQ(checked, before + 1);
    }
}

TEST(fingerprint, literals_in_full_keep_their_borders) {
    std::string_view sql = "'a' 'bc' 'ab' 'c'";
    std::vector<token> tokens;
    ASSERT_TRUE(lex(sql, tokens));
    std::string one;
    append_full(sql, tokens[0], one);
    append_full(sql, tokens[1], one);
    std::string other;
    append_full(sql, tokens[2], other);
    append_full(sql, tokens[3], other);
    EXPECT_NE(one, other);
}

}  // namespace
}  // namespace fairlead::policy::postgres

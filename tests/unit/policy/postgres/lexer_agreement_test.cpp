#include "unit/policy/postgres/scanner_agreement.h"
#include "unit/policy/postgres/sql_generator.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// The lexer must never cut a text otherwise than the server does. libpg_query holds the server's own scanner.
namespace fairlead::test {
namespace {

std::vector<std::string> split(const std::string& text, const std::string& separator) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    for (std::size_t next; (next = text.find(separator, at)) != std::string::npos;
         at = next + separator.size()) {
        parts.push_back(text.substr(at, next - at));
    }
    if (at < text.size()) parts.push_back(text.substr(at));
    return parts;
}

// corpus/*_lines.sql: a text a line. corpus/*_layout.sql: texts of several lines, with a line %% between two.
std::vector<std::string> corpus(const std::string& name) {
    std::ifstream file(std::string(FAIRLEAD_SOURCE_DIR) + "/tests/unit/policy/postgres/corpus/" + name +
                       ".sql");
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!content.empty()) content.pop_back();
    return split(content, name.ends_with("_lines") ? "\n" : "\n%%\n");
}

void expect_all(const std::string& name, agreement expected, std::size_t at_least) {
    std::vector<std::string> texts = corpus(name);
    EXPECT_GE(texts.size(), at_least) << "the corpus file is missing or cut";
    for (const std::string& sql : texts) {
        comparison result = compare_with_server_scanner(sql);
        EXPECT_EQ(result.outcome, expected) << sql << "\n" << result.detail;
    }
}

TEST(lexer_agreement, accepted_texts_have_the_servers_tokens) {
    expect_all("accepted_lines", agreement::same, 250);
    expect_all("accepted_layout", agreement::same, 40);
}

TEST(lexer_agreement, what_the_server_refuses_is_refused) {
    expect_all("refused_lines", agreement::both_refuse, 90);
    expect_all("refused_layout", agreement::both_refuse, 10);
}

TEST(lexer_agreement, known_places_where_we_are_stricter) {
    expect_all("stricter_layout", agreement::stricter, 13);
}

TEST(lexer_agreement, generated_texts) {
    constexpr int texts = 20'000;
    sql_generator generator(20'240'607);
    int same = 0;
    int stricter = 0;
    for (int i = 0; i < texts; ++i) {
        std::string sql = generator.text(10);
        comparison result = compare_with_server_scanner(sql);
        ASSERT_NE(result.outcome, agreement::disagree) << "text " << i << ":\n"
                                                       << sql << "\n"
                                                       << result.detail;
        same += result.outcome == agreement::same;
        stricter += result.outcome == agreement::stricter;
    }
    RecordProperty("same", same);
    RecordProperty("stricter", stricter);
    // The generator must reach valid texts, or the test compares nothing; and refusing is not the way to
    // agree.
    EXPECT_GT(same, texts / 4);
    EXPECT_LT(stricter, texts / 40);
}

// Random bytes find what pieces of tokens do not: each byte next to each other.
TEST(lexer_agreement, every_pair_of_bytes_after_a_word_and_inside_a_string) {
    int same = 0;
    for (int first = 1; first < 256; ++first) {
        for (int second = 1; second < 256; ++second) {
            std::string pair{static_cast<char>(first), static_cast<char>(second)};
            for (const std::string& sql :
                 {pair, "a " + pair + " b", "E'" + pair + "'", "'a'" + pair + "'b'"}) {
                comparison result = compare_with_server_scanner(sql);
                ASSERT_NE(result.outcome, agreement::disagree) << first << " " << second << "\n"
                                                               << result.detail;
                same += result.outcome == agreement::same;
            }
        }
    }
    EXPECT_GT(same, 100'000);
}

}  // namespace
}  // namespace fairlead::test

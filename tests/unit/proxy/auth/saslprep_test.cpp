#include "proxy/auth/saslprep.h"

#include "proxy/auth/scram_key_cache.h"
#include "proxy/auth/scram_verifier.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::proxy::auth {
namespace {

using namespace std::string_literals;

std::string prepared(std::string_view password) {
    return saslprep(password).value_or(std::string(password));
}

bool is_left_alone(std::string_view password) {
    return !saslprep(password).has_value();
}

TEST(saslprep, has_the_examples_of_rfc_4013) {
    EXPECT_EQ(prepared("I\u00ADX"), "IX");
    EXPECT_EQ(prepared("user"), "user");
    EXPECT_EQ(prepared("USER"), "USER");
    EXPECT_EQ(prepared("\u00AA"), "a");
    EXPECT_EQ(prepared("\u2168"), "IX");
    // The RFC refuses these two; PostgreSQL takes their bytes.
    EXPECT_TRUE(is_left_alone("\x07"));
    EXPECT_TRUE(is_left_alone("\u0627\u0031"));
}

TEST(saslprep, maps_before_it_normalises) {
    EXPECT_EQ(prepared("a\u00A0b\u2003c\u3000d\u200Be"), "a b c d e");
    EXPECT_EQ(prepared("a\u200D\uFEFF\uFE00b\u00E9"), "ab\u00E9");
    EXPECT_EQ(prepared("e\u0301"), "\u00E9");
    EXPECT_EQ(prepared("\uFF30\uFF57"), "Pw");
    EXPECT_EQ(prepared("o\uFB03ce"), "office");
    EXPECT_EQ(prepared("q\u0307\u0323"), "q\u0323\u0307");
    EXPECT_EQ(prepared("p\u00E4ssw\u00F6rd \u2168"), "p\u00E4ssw\u00F6rd IX");
    EXPECT_EQ(prepared("\U0001D400"), "A");
}

TEST(saslprep, leaves_ascii_alone) {
    EXPECT_TRUE(is_left_alone(""));
    EXPECT_TRUE(is_left_alone("pencil"));
    EXPECT_TRUE(is_left_alone("tab\tand\x7F"));
}

TEST(saslprep, leaves_what_is_forbidden_alone) {
    EXPECT_TRUE(is_left_alone("\u2168\x07"));    // control character, once the text is not ASCII
    EXPECT_TRUE(is_left_alone("\u2168\uE000"));  // private use
    EXPECT_TRUE(is_left_alone("\u2168\uFFFD"));  // inappropriate for plain text
    EXPECT_TRUE(is_left_alone("\u2168\u2FF0"));  // ideographic description
    EXPECT_TRUE(is_left_alone("\u2168\u202E"));  // changes the direction
    EXPECT_TRUE(is_left_alone("\u2168\u0221"));  // unassigned in Unicode 3.2, which the profile is for
    EXPECT_TRUE(is_left_alone("\u2168\U0001F600"));
    EXPECT_TRUE(is_left_alone("\u05D0\u00E9\u05D0"));  // both directions
    EXPECT_EQ(prepared("\u0627\u0031\u0628"), "\u0627\u0031\u0628");
}

TEST(saslprep, looks_for_the_forbidden_before_it_normalises_as_postgresql_does) {
    EXPECT_TRUE(is_left_alone("\u2168\u0340"));  // would become U+0300, which is allowed
    EXPECT_TRUE(is_left_alone("\u0341\u2168"));
}

TEST(saslprep, leaves_a_password_alone_of_which_nothing_would_remain) {
    EXPECT_TRUE(is_left_alone("\u00AD"));
    EXPECT_TRUE(is_left_alone("\u00AD\u200D\u2060"));
}

TEST(saslprep, leaves_bytes_alone_that_are_no_utf_8) {
    for (const std::string& bytes :
         {"\u2168\xFF"s, "\u2168\xE2\x85"s, "\x80\u2168"s, "\u2168\xC0\xAF"s, "\u2168\xED\xA0\x80"s,
          "\u2168\xF4\x90\x80\x80"s, "\u2168\xF8\x88\x80\x80\x80"s, "\u2168\0x"s})
        EXPECT_TRUE(is_left_alone(bytes)) << ::testing::PrintToString(bytes);
}

TEST(saslprep, has_room_for_the_longest_growth_and_a_limit_for_the_text) {
    std::string text;
    while (text.size() + 3 <= max_saslprep_size) text += "\uFDFA";
    auto grown = saslprep(text);
    ASSERT_TRUE(grown);
    EXPECT_EQ(grown->size(), text.size() / 3 * 33);  // 15 letters of two bytes and three spaces each
    EXPECT_TRUE(saslprep(std::string(max_saslprep_size - 2, 'a') + "\u00E9"));
    EXPECT_TRUE(is_left_alone(std::string(max_saslprep_size - 1, 'a') + "\u00E9"));
}

TEST(scram_keys, are_the_same_for_two_spellings_of_one_password) {
    const std::string spelled = "p\u00E4ssw\u00F6rd \u2168";
    const std::string decomposed = "pa\u0308sswo\u0308rd\u00A0IX";
    auto verifier = derive_scram_verifier(spelled, "salt", 1);
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(verify_password(*verifier, decomposed));
    EXPECT_FALSE(verify_password(*verifier, "p\u00E4ssw\u00F6rd ix"));

    scram_key_cache cache;
    auto ours = cache.keys(decomposed, "salt", 1);
    ASSERT_TRUE(ours);
    EXPECT_EQ(ours->server_key, verifier->server_key);
}

TEST(scram_keys, of_a_password_that_is_left_alone_are_those_of_its_bytes) {
    auto verifier = derive_scram_verifier("\u00ADx\u0221", "salt", 1);
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(verify_password(*verifier, "\u00ADx\u0221"));
    EXPECT_FALSE(verify_password(*verifier, "x\u0221"));
}

}  // namespace
}  // namespace fairlead::proxy::auth

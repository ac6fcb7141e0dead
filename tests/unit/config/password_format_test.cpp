#include "config/password_format.h"

#include <gtest/gtest.h>

#include <string>

namespace fairlead::config {
namespace {

const std::string key = std::string(43, 'A') + "=";

TEST(PasswordFormat, is_told_by_its_beginning) {
    EXPECT_EQ(password_format("secret"), PasswordFormat::plain);
    EXPECT_EQ(password_format("md5 is not enough"), PasswordFormat::plain);
    EXPECT_EQ(password_format("md5" + std::string(31, 'a')), PasswordFormat::plain);
    EXPECT_EQ(password_format("md5" + std::string(31, 'a') + "g"), PasswordFormat::plain);
    EXPECT_EQ(password_format("md5" + std::string(32, 'a')), PasswordFormat::md5);
    EXPECT_EQ(password_format("SCRAM-SHA-256$"), PasswordFormat::scram_sha_256);
    EXPECT_EQ(password_format("*" + std::string(40, 'A')), PasswordFormat::mysql_native);
    EXPECT_EQ(password_format("*" + std::string(39, 'A')), PasswordFormat::plain);
    EXPECT_EQ(password_format("*" + std::string(40, 'G')), PasswordFormat::plain);
}

TEST(PasswordFormat, accepts_a_verifier_as_postgres_writes_it) {
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$" + key + ":" + key), "");
    EXPECT_EQ(password_format_mistake("anything else"), "");
}

TEST(PasswordFormat, refuses_a_broken_verifier) {
    const std::string count = "the SCRAM verifier has no iteration count of 1 to 10000000";
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$"), count);
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$0:AAAA$" + key + ":" + key), count);
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$99999999:AAAA$" + key + ":" + key), count);
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$4096:A!AA$" + key + ":" + key),
              "the salt of the SCRAM verifier is not base64");
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$4096:AAAA$AAAA:" + key),
              "the stored key of the SCRAM verifier is not 32 bytes in base64");
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$4096:AAAA$" + key + ":"),
              "the server key of the SCRAM verifier is not 32 bytes in base64");
    EXPECT_EQ(password_format_mistake("SCRAM-SHA-256$4096:AAAA$" + key + ":" + key + "="),
              "the server key of the SCRAM verifier is not 32 bytes in base64");
}

}  // namespace
}  // namespace fairlead::config

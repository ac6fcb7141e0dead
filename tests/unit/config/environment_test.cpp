#include "config/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace fairlead::config {
namespace {

std::optional<std::string> variables(std::string_view name) {
    if (name == "USER_NAME") return "ann";
    if (name == "TRICKY") return "${USER_NAME}";
    if (name == "EMPTY") return "";
    return std::nullopt;
}

std::string expanded(std::string_view text) {
    auto result = expand_environment(text, variables);
    return result ? *result : "error: " + result.error().message;
}

TEST(ExpandEnvironment, whole_value) {
    EXPECT_EQ(expanded("env:USER_NAME"), "ann");
}

TEST(ExpandEnvironment, parts) {
    EXPECT_EQ(expanded("a${USER_NAME}b${USER_NAME}"), "aannbann");
    EXPECT_EQ(expanded("a${EMPTY}b"), "ab");
}

TEST(ExpandEnvironment, what_comes_from_the_environment_is_not_expanded_again) {
    EXPECT_EQ(expanded("env:TRICKY"), "${USER_NAME}");
    EXPECT_EQ(expanded("x${TRICKY}"), "x${USER_NAME}");
}

TEST(ExpandEnvironment, escape) {
    EXPECT_EQ(expanded("$${USER_NAME}"), "${USER_NAME}");
    EXPECT_EQ(expanded("a$${x}-${USER_NAME}"), "a${x}-ann");
    EXPECT_EQ(expanded("pa$$word$"), "pa$$word$");
}

TEST(ExpandEnvironment, a_variable_that_is_not_set_is_named) {
    EXPECT_EQ(expanded("env:NOPE"), "error: environment variable NOPE is not set");
    EXPECT_EQ(expanded("a${NOPE}"), "error: environment variable NOPE is not set");
}

TEST(ExpandEnvironment, malformed_references_do_not_repeat_what_they_hold) {
    for (const char* text : {"env:", "env:my secret", "env:1A", "${my-secret}", "${}"})
        EXPECT_EQ(expanded(text),
                  "error: expected the name of an environment variable (letters, digits, _) in env:NAME or "
                  "${NAME}");
    EXPECT_EQ(expanded("a${secret"), "error: \"${\" without \"}\"; write \"$${\" for a literal \"${\"");
}

TEST(ProcessEnvironment, reads_the_environment_of_the_process) {
    ::setenv("FAIRLEAD_CONFIG_TEST", "value", 1);
    EXPECT_EQ(process_environment()("FAIRLEAD_CONFIG_TEST"), "value");
    ::unsetenv("FAIRLEAD_CONFIG_TEST");
    EXPECT_EQ(process_environment()("FAIRLEAD_CONFIG_TEST"), std::nullopt);
}

}  // namespace
}  // namespace fairlead::config

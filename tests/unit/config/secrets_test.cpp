#include "unit/config/loading.h"

/// No message, warning or syntax error repeats a secret, wherever it was put and whatever else is wrong.
namespace fairlead::config {
namespace {

using testing::LoadingTest;
using testing::minimal;

class Secrets : public LoadingTest {
protected:
    /// Loads, expects at least one mistake or warning, and expects the secret in none.
    void expect_silent(const std::string& text) {
        SCOPED_TRACE(text);
        LoadResult result = load_text(text);
        EXPECT_FALSE(result.mistakes.empty() && result.warnings.empty());
        for (const auto* list : {&result.mistakes, &result.warnings})
            for (const Diagnostic& diagnostic : *list)
                EXPECT_EQ(to_string(diagnostic).find("hunter"), std::string::npos) << to_string(diagnostic);
    }
};

TEST_F(Secrets, in_syntax_errors) {
    for (const char* value :
         {"hunter2", "'hunter2", "\"hunter2", "12hunter2", "\"hunter2\" x", "\"hunter\\q2\"", "[hunter2]",
          "{hunter2}", "0xhunter2", "'''hunter2", "hunter 2", "tru hunter", "inf hunter", "1979-05-27Thunter",
          "\"a\"hunter2\"", "{ hunter2 = hunter2 }", "+hunter2", "_hunter2"})
        expect_silent(minimal + "password = " + value + "\n");
    expect_silent("hunter2");
}

TEST_F(Secrets, that_look_like_numbers_in_syntax_errors) {
    EXPECT_EQ(mistakes(minimal + "password = 4711471147114711471147\n"),
              testing::Lines{
                  "6:34 : not valid TOML: Error while parsing decimal integer: (text not shown) cannot be "
                  "read here; strings need quotes"});
    EXPECT_EQ(mistakes(minimal + "password = 4711e4711\n"),
              testing::Lines{
                  "6:21 : not valid TOML: Error while parsing floating-point: (text not shown) cannot be "
                  "read here; strings need quotes"});
}

TEST_F(Secrets, of_the_wrong_type_or_form) {
    expect_silent(minimal + "password = [\"hunter2\"]\n");
    expect_silent(minimal + "password = \"hunter2${\"\n");
    expect_silent(minimal + "password = \"env:hunter 2\"\n");
    expect_silent(minimal + "password = \"a\\u0000hunter2\"\n");
    expect_silent(minimal +
                  "[[users]]\nname = \"u\"\ntenants = \"*\"\npassword = \"SCRAM-SHA-256$hunter2\"\n");
    expect_silent(minimal + "[[users]]\nname = \"u\"\ntenants = \"*\"\npassword = { hunter2 = 1 }\n");
}

TEST_F(Secrets, in_keys_and_weak_passwords) {
    const std::string placement =
        "[placements.p]\nbackend = \"pg1\"\ndatabase = \"d\"\ntenant_column = \"t\"\n";
    expect_silent(minimal + "password = \"hunter2\"\n" + placement);
    expect_silent(minimal + placement + "context_keys = [\"hunter2\"]\n");
    expect_silent(minimal + placement +
                  "context_keys = [\"hunter2 hunter2 hunter2\", \"hunter3 hunter3 hunter3\", "
                  "\"hunter4 hunter4 hunter4\"]\n");
    expect_silent(minimal + placement + "context_keys = \"hunter2 hunter2 hunter2\"\n");
}

TEST_F(Secrets, in_the_url_of_a_directory) {
    for (const char* url :
         {"postgres://u:hunter2@h/d", "etcd://u:hunter2@h", "ldap://u:hunter2@h", "hunter2"})
        expect_silent(minimal + "[directory]\nsource = \"" + url + "\"\n");
}

TEST_F(Secrets, from_the_environment_in_places_where_none_belongs) {
    variables_ = {{"S", "hunter2"}, {"LONG", "hunter/2:" + std::string(200, 'x')}};
    for (const char* line :
         {"host = 1\nport = \"env:S\"", "pool_timeout = \"env:S\"", "engine = \"env:S\"",
          "tls = { ca = \"env:S\" }", "[admin]\naddress = \"env:LONG\"", "[log]\nlevel = \"${S}\"",
          "[log]\nstatements = \"${S}\"", "[proxy]\nmax_statement_bytes = \"${S}\"",
          "[placements.p]\nbackend = \"env:S\"", "[[tenants]]\nid = \"a.${S}\"\nplacement = \"env:S\"",
          "[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = \"env:S\"",
          "[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = [\"x\", \"env:S\"]",
          "[directory]\nsource = \"env:S\"",
          "[placements.p]\nbackend = \"pg1\"\ndatabase = \"d\"\ntenant_column = \"t\"\nisolation = "
          "\"guc\"\ncontext_variable = \"env:S\""})
        expect_silent(minimal.substr(0, minimal.find("host")) +
                      (std::string(line).starts_with("host") ? "" : "host = \"h\"\n") + "user = \"u\"\n" +
                      line + "\n");
}

}  // namespace
}  // namespace fairlead::config

#include "unit/config/loading.h"

namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;

class Users : public LoadingTest {
protected:
    /// The mistakes of users that stand on line 14 and later.
    Lines users(const std::string& text) { return mistakes(head_ + text); }

    const std::string head_ = testing::one_placement + R"([[tenants]]
id = "acme"
placement = "shared"
)";
};

TEST_F(Users, name_tenants_and_password_are_required) {
    EXPECT_EQ(
        users("[[users]]\n"),
        (Lines{"14:1 users[0].name: is required",
               "14:1 users[0].password: is required: without password or certificate_name nobody can log in",
               "14:1 users[0].tenants: is required: the user is bound to no tenant; name its tenants, or "
               "\"*\" for a trusted application server that names one with each connection"}));
}

TEST_F(Users, an_empty_password_is_no_password) {
    EXPECT_EQ(users("[[users]]\nname = \"u\"\npassword = \"\"\ntenants = \"acme\"\n"),
              Lines{"16:12 users[0].password: must not be empty"});
    variables_["EMPTY"] = "";
    EXPECT_EQ(users("[[users]]\nname = \"u\"\npassword = \"env:EMPTY\"\ntenants = \"acme\"\n"),
              Lines{"16:12 users[0].password: must not be empty"});
    EXPECT_EQ(users("[[users]]\nname = \"u\"\npassword = 1\ntenants = \"acme\"\n"),
              Lines{"16:12 users[0].password: expected a string, found a whole number"});
}

TEST_F(Users, a_certificate_will_do) {
    EXPECT_EQ(users("[[users]]\nname = \"u\"\ncertificate_name = \"cn\"\ntenants = \"acme\"\n"), Lines{});
}

TEST_F(Users, a_broken_verifier_is_refused) {
    EXPECT_EQ(users("[[users]]\nname = \"u\"\npassword = \"SCRAM-SHA-256$4096:x\"\ntenants = \"acme\"\n"),
              Lines{"16:12 users[0].password: the salt of the SCRAM verifier is not base64"});
}

TEST_F(Users, bound_to_no_tenant) {
    EXPECT_EQ(users("[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = []\n"),
              Lines{"17:11 users[0].tenants: must not be an empty list"});
    EXPECT_EQ(users("[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = \"\"\n"),
              Lines{"17:11 users[0].tenants: must not be empty"});
}

TEST_F(Users, the_star_stands_alone) {
    EXPECT_EQ(
        users("[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = [\"acme\", \"*\"]\n"),
        Lines{"17:11 users[0].tenants: \"*\" means every tenant and cannot stand in a list; write tenants = "
              "\"*\""});
}

TEST_F(Users, tenants_must_exist) {
    EXPECT_EQ(users("[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = [\"acme\", \"acne\"]\n"),
              Lines{"17:11 users[0].tenants: there is no tenant \"acne\", did you mean \"acme\"?"});
}

TEST_F(Users, names_are_unique) {
    const std::string user = "[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = \"acme\"\n";
    EXPECT_EQ(users(user + user), Lines{"19:8 users[1].name: \"u\" is given twice, first on line 15"});
}

TEST_F(Users, no_name_may_look_like_another_user_naming_a_tenant) {
    auto user = [](const std::string& name) {
        return "[[users]]\nname = \"" + name + "\"\npassword = \"p\"\ntenants = \"*\"\n";
    };
    EXPECT_EQ(
        users(user("app") + user("app.acme")),
        Lines{
            "19:8 users[1].name: \"app.acme\" also means user \"app\" naming tenant \"acme\"; choose another "
            "name"});
    EXPECT_EQ(users(user("app") + user("app.other") + user("web.acme")), Lines{});
}

}  // namespace
}  // namespace fairlead::config

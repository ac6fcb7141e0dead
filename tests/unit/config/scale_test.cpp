#include "unit/config/loading.h"

#include <chrono>

namespace fairlead::config {
namespace {

using testing::LoadingTest;

class Scale : public LoadingTest {};

/// A sanity check only, with a bound that a sanitizer build on a busy machine keeps; docs/configuration.md
/// has figures.
TEST_F(Scale, a_hundred_thousand_tenants_and_users_load_in_seconds) {
    constexpr int count = 100'000;
    std::string text;
    for (int i = 0; i < count; ++i)
        text += "[[tenants]]\nid = \"tenant" + std::to_string(i) + "\"\nplacement = \"shared\"\nweight = 1\n";
    for (int i = 0; i < count; ++i) {
        std::string n = std::to_string(i);
        text += "[[users]]\nname = \"user" + n + "\"\npassword = \"secret" + n + "\"\ntenants = [\"tenant" +
                n + "\"]\n";
    }
    folder_.write("tenants.toml", text);
    auto start = std::chrono::steady_clock::now();
    SnapshotPtr snapshot = good(testing::minimal +
                                "password = \"0123456789abcdef\"\n[placements.shared]\nbackend = "
                                "\"pg1\"\ndatabase = \"d\"\ntenant_column = \"t\"\n[directory]\n"
                                "source = \"file:tenants.toml\"\n");
    auto took = std::chrono::steady_clock::now() - start;
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->tenant_count(), 100'000u);
    EXPECT_EQ(snapshot->users().size(), 100'000u);
    EXPECT_EQ(snapshot->user("user99999")->tenants.at(0), "tenant99999");
    EXPECT_LT(took, std::chrono::seconds(5));
}

}  // namespace
}  // namespace fairlead::config

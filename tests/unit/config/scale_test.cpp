#include "support/sanitizers.h"
#include "unit/config/loading.h"

#include <ctime>

namespace fairlead::config {
namespace {

using testing::LoadingTest;

class Scale : public LoadingTest {};

/// CPU time, since the tests share their machine with others; the instrumentation of sanitizers has its
/// price.
#if FAIRLEAD_SANITIZED
constexpr double most_cpu_seconds = 30;
#else
constexpr double most_cpu_seconds = 5;
#endif

/// A sanity check only: the measured time is about a second.
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
    std::clock_t start = std::clock();
    SnapshotPtr snapshot = good(testing::minimal +
                                "password = \"0123456789abcdef\"\n[placements.shared]\nbackend = "
                                "\"pg1\"\ndatabase = \"d\"\ntenant_column = \"t\"\n[directory]\n"
                                "source = \"file:tenants.toml\"\n");
    double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->tenant_count(), 100'000u);
    EXPECT_EQ(snapshot->users().size(), 100'000u);
    EXPECT_EQ(snapshot->user("user99999")->tenants.at(0), "tenant99999");
    EXPECT_LT(took, most_cpu_seconds);
}

}  // namespace
}  // namespace fairlead::config

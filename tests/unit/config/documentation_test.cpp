#include "config/properties.h"
#include "unit/config/loading.h"

#include <sstream>

/// docs/configuration.md has one entry for each setting, under the heading of its table, and its example is
/// valid.
namespace fairlead::config {
namespace {

std::string documentation() {
    std::ifstream file(std::string(FAIRLEAD_SOURCE_DIR) + "/docs/configuration.md");
    std::ostringstream content;
    content << file.rdbuf();
    return std::move(content).str();
}

/// From the heading to the next one of any level.
std::string section(const std::string& heading) {
    std::string text = documentation();
    auto start = text.find("\n" + heading + "\n");
    if (start == std::string::npos) return {};
    return text.substr(start + 1, text.find("\n#", start + 1) - start);
}

template <typename Owner>
void expect_documented(const std::string& heading, const std::string& prefix = "") {
    std::string entries = section(heading);
    ASSERT_FALSE(entries.empty()) << heading;
    for (const auto& property : properties_of<Owner>()) {
        std::string name = prefix + std::string(property.name);
        if (name == "tls") continue;  // a table of its own, each key of which is looked for
        EXPECT_NE(entries.find("`" + name + "`"), std::string::npos)
            << heading << " has no entry for " << name;
    }
}

TEST(Documentation, has_an_entry_for_each_setting) {
    expect_documented<Proxy>("## [proxy]");
    expect_documented<Log>("## [log]");
    expect_documented<Admin>("## [admin]");
    expect_documented<Listen>("## [listen.postgres] and [listen.mysql]");
    expect_documented<Tls>("## [listen.postgres] and [listen.mysql]", "tls.");
    expect_documented<Backend>("## [backends.NAME]");
    expect_documented<Tls>("## [backends.NAME]", "tls.");
    expect_documented<Placement>("## [placements.NAME]");
    expect_documented<Directory>("## [directory]");
    expect_documented<Tenant>("### [[tenants]]");
    expect_documented<User>("### [[users]]");
}

class DocumentedExample : public testing::LoadingTest {};

TEST_F(DocumentedExample, loads_without_mistakes_or_warnings) {
    std::string text = documentation();
    auto start = text.find("```toml\n");
    ASSERT_NE(start, std::string::npos);
    start += std::string("```toml\n").size();
    variables_ = {{"PG1_PASSWORD", "0123456789abcdef"}, {"ACME_PASSWORD", "secret"}};
    LoadResult result = load_text(text.substr(start, text.find("```", start) - start));
    EXPECT_EQ(lines(result.mistakes), testing::Lines{});
    EXPECT_EQ(lines(result.warnings), testing::Lines{});
    ASSERT_TRUE(result.snapshot);
    EXPECT_TRUE(result.snapshot->tenant("acme"));
}

}  // namespace
}  // namespace fairlead::config

// docs/sql-support.md shows the guards' own lists. This test holds the page to them; with FAIRLEAD_WRITE_DOCS
// set (scripts/generate-docs.sh) it writes them there instead.
#include "policy/mysql/explain.h"
#include "policy/mysql/rules.h"
#include "policy/postgres/explain.h"
#include "policy/postgres/rules.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::policy {
namespace {

constexpr const char* path = FAIRLEAD_SOURCE_DIR "/docs/sql-support.md";

std::string read_page() {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// `page` with `table` between the markers of `name`; empty when the markers are not there.
std::string with_table(const std::string& page, const std::string& name, const std::string& table) {
    const std::string begin = "<!-- generated:" + name + ":begin -->\n";
    const std::string end = "<!-- generated:" + name + ":end -->\n";
    const std::size_t from = page.find(begin);
    const std::size_t to = page.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from) return {};
    return page.substr(0, from + begin.size()) + "\n" + table + "\n" + page.substr(to);
}

std::vector<std::pair<std::string, std::string>> generated() {
    return {{"rules", rules_markdown(postgres::all_rules())},
            {"settings", postgres::settings_markdown()},
            {"mysql-rules", rules_markdown(mysql::all_rules())},
            {"mysql-settings", mysql::settings_markdown()},
            {"mysql-readable", mysql::readable_variables_markdown()},
            {"mysql-modes", mysql::sql_modes_markdown()}};
}

TEST(sql_support_document, shows_the_lists_of_the_guards) {
    const std::string page = read_page();
    ASSERT_FALSE(page.empty()) << path;
    std::string expected = page;
    for (const auto& [name, table] : generated()) {
        expected = with_table(expected, name, table);
        ASSERT_FALSE(expected.empty())
            << path << " lacks the markers generated:" << name << ":begin and :end";
    }
    if (std::getenv("FAIRLEAD_WRITE_DOCS") != nullptr) {
        std::ofstream(path, std::ios::binary) << expected;
        return;
    }
    EXPECT_TRUE(page == expected) << "docs/sql-support.md is out of date: run scripts/generate-docs.sh";
}

}  // namespace
}  // namespace fairlead::policy

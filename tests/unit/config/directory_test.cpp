#include "unit/config/loading.h"

namespace fairlead::config {
namespace {

using testing::Lines;
using testing::LoadingTest;

class TenantDirectory : public LoadingTest {
protected:
    LoadResult load_with(const std::string& source, const std::string& more = "") {
        return load_text(testing::one_placement + "[directory]\nsource = \"" + source + "\"\n" + more);
    }
};

TEST_F(TenantDirectory, is_relative_to_the_configuration_file) {
    folder_.write("tenants.toml",
                  "[[tenants]]\nid = \"a\"\nplacement = \"shared\"\n[[users]]\nname = "
                  "\"u\"\npassword = \"${P}\"\ntenants = \"a\"\n");
    variables_["P"] = "secret";
    LoadResult result = load_with("file:tenants.toml");
    EXPECT_EQ(lines(result.mistakes), Lines{});
    ASSERT_TRUE(result.snapshot);
    EXPECT_TRUE(result.snapshot->tenant("a"));
    EXPECT_EQ(result.snapshot->user("u")->password, "secret");
    EXPECT_EQ(result.snapshot->settings().directory_source, "file:tenants.toml");
}

TEST_F(TenantDirectory, and_the_main_file_are_read_by_a_library_without_what_is_the_proxys) {
    const std::string user = "[[users]]\nname = \"u\"\npassword = \"env:MISSING\"\ntenants = \"nobody\"\n";
    folder_.write("tenants.toml", "[[tenants]]\nid = \"a\"\nplacement = \"shared\"\n" + user);
    std::string text = testing::one_placement + "[listen.mysql]\naddress = \"env:MISSING\"\n" +
                       "[admin]\naddress = \"env:MISSING\"\n" +
                       "[directory]\nsource = \"file:tenants.toml\"\n" + user;
    LoadResult result = load_text(text, Purpose::library);
    EXPECT_EQ(lines(result.mistakes), Lines{});
    ASSERT_TRUE(result.snapshot);
    EXPECT_TRUE(result.snapshot->tenant("a"));
    EXPECT_EQ(load_text(text).mistakes.size(), 7u);
}

TEST_F(TenantDirectory, and_the_main_file_are_told_with_their_stamps) {
    folder_.write("tenants.toml", "");
    const LoadResult result = load_with("file:tenants.toml");
    ASSERT_EQ(result.files.size(), 2u);
    EXPECT_EQ(result.files.at(0).file, folder_.path("fairlead.toml"));
    EXPECT_EQ(result.files.at(1).file, folder_.path("tenants.toml"));
    EXPECT_TRUE(are_current(result.files));
    folder_.write("tenants.toml", "# longer\n");
    EXPECT_FALSE(are_current(result.files));
}

TEST_F(TenantDirectory, that_is_missing_is_told_too) {
    const LoadResult result = load_with("file:tenants.toml");
    EXPECT_FALSE(result.snapshot);
    ASSERT_EQ(result.files.size(), 2u);
    EXPECT_TRUE(are_current(result.files));
    folder_.write("tenants.toml", "# here it is\n");
    EXPECT_FALSE(are_current(result.files));
}

TEST_F(TenantDirectory, adds_to_what_the_main_file_holds) {
    folder_.write("tenants.toml", "[[tenants]]\nid = \"a\"\nplacement = \"shared\"\n");
    LoadResult result = load_with("file:tenants.toml",
                                  "[[tenants]]\nid = \"b\"\nplacement = \"shared\"\n[[users]]\n"
                                  "name = \"u\"\npassword = \"p\"\ntenants = [\"a\", \"b\"]\n");
    ASSERT_TRUE(result.snapshot);
    EXPECT_EQ(result.snapshot->tenant_count(), 2u);
}

TEST_F(TenantDirectory, mistakes_name_its_file_after_those_of_the_main_file) {
    folder_.write("tenants.toml",
                  "[[tenants]]\nid = \"b\"\nplacement = \"nowhere\"\nwieght = 1\n[proxy]\nworkers = 1\n");
    LoadResult result = load_with("file:tenants.toml", "[[tenants]]\nid = \"b\"\nplacement = \"shard\"\n");
    EXPECT_EQ(lines(result.mistakes),
              (Lines{"15:13 tenants[0].placement: there is no placement \"shard\", did you mean \"shared\"?",
                     "2:6 tenants[0].id: \"b\" is given twice, first on line 14 of the main file",
                     "3:13 tenants[0].placement: there is no placement \"nowhere\"",
                     "4:1 tenants[0].wieght: unknown key, did you mean \"weight\"?",
                     "5:2 proxy: unknown key: a directory file holds [[tenants]] and [[users]] only"}));
    EXPECT_EQ(result.mistakes.front().file, folder_.path("fairlead.toml"));
    EXPECT_EQ(result.mistakes.back().file, folder_.path("tenants.toml"));
}

TEST_F(TenantDirectory, a_missing_or_broken_file_does_not_make_its_tenants_unknown) {
    const std::string user = "[[users]]\nname = \"u\"\npassword = \"p\"\ntenants = [\"a\"]\n";
    LoadResult missing = load_with("file:none.toml", user);
    ASSERT_EQ(missing.mistakes.size(), 1u);
    EXPECT_EQ(missing.mistakes.at(0).key, "directory.source");
    EXPECT_EQ(missing.mistakes.at(0).message,
              "cannot read the file \"" + folder_.path("none.toml") + "\": No such file or directory");
    EXPECT_EQ(missing.mistakes.at(0).file, folder_.path("fairlead.toml"));
    EXPECT_GT(missing.mistakes.at(0).line, 0u);
    EXPECT_EQ(missing.snapshot, nullptr);
    folder_.write("broken.toml", "[[tenants]]\nid = \n");
    LoadResult broken = load_with("file:broken.toml", user);
    ASSERT_EQ(broken.mistakes.size(), 1u);
    EXPECT_EQ(broken.mistakes[0].file, folder_.path("broken.toml"));
    EXPECT_EQ(broken.mistakes[0].line, 2u);
}

TEST_F(TenantDirectory, other_sources_are_for_later) {
    for (const char* scheme : {"postgres://", "postgresql://", "mysql://", "etcd://"})
        EXPECT_EQ(lines(load_with(std::string(scheme) + "host/db").mistakes),
                  Lines{std::string("12:10 directory.source: a tenant directory in \"") + scheme +
                        "...\" is not available yet; use \"file:PATH\""});
    for (const char* source : {"tenants.toml", "file:", "http://x"})
        EXPECT_EQ(lines(load_with(source).mistakes), Lines{"12:10 directory.source: expected \"file:PATH\", "
                                                           "a TOML file with [[tenants]] and [[users]]"});
}

TEST_F(TenantDirectory, needs_a_source) {
    EXPECT_EQ(mistakes(testing::minimal + "[directory]\n"),
              Lines{"6:1 directory: source is required: expected \"file:PATH\""});
    EXPECT_EQ(mistakes(testing::minimal + "[directory]\nsource = 1\n"),
              Lines{"7:10 directory.source: expected a string, found a whole number"});
}

}  // namespace
}  // namespace fairlead::config

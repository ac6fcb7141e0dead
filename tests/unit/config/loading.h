#pragma once

#include "config/loader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace fairlead::config::testing {

/// A folder of its own for each test, removed with it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "fairlead-config-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string path(const std::string& name) const { return (path_ / name).string(); }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
    }

private:
    std::filesystem::path path_;
};

/// Loads texts as files and tells mistakes as "line:column key: message", which is what tests compare.
class LoadingTest : public ::testing::Test {
protected:
    LoadResult load_text(const std::string& text, Purpose purpose = Purpose::proxy) {
        folder_.write("fairlead.toml", text);
        auto look_up = [this](std::string_view name) -> std::optional<std::string> {
            auto found = variables_.find(std::string(name));
            return found == variables_.end() ? std::nullopt : std::optional<std::string>(found->second);
        };
        return load(folder_.path("fairlead.toml"), look_up, 7, purpose);
    }

    static std::vector<std::string> lines(const std::vector<Diagnostic>& diagnostics) {
        std::vector<std::string> result;
        for (const Diagnostic& d : diagnostics)
            result.push_back(std::to_string(d.line) + ":" + std::to_string(d.column) + " " + d.key + ": " +
                             d.message);
        return result;
    }

    std::vector<std::string> mistakes(const std::string& text) {
        LoadResult result = load_text(text);
        EXPECT_EQ(result.snapshot == nullptr, !result.mistakes.empty());
        for (const Diagnostic& d : result.mistakes) EXPECT_EQ(d.file, folder_.path("fairlead.toml"));
        return lines(result.mistakes);
    }

    /// A file without mistakes is a failure of the test, told with what was found.
    SnapshotPtr good(const std::string& text) {
        LoadResult result = load_text(text);
        EXPECT_EQ(lines(result.mistakes), std::vector<std::string>{});
        return result.snapshot;
    }

    TemporaryFolder folder_;
    std::map<std::string, std::string> variables_;
};

/// Five lines that every test file needs; what follows starts on line 6.
inline const std::string minimal = R"([listen.postgres]
address = "127.0.0.1:6432"
[backends.pg1]
host = "127.0.0.1"
user = "app"
)";

/// Ten lines: a server and shared tables on it; what follows starts on line 11.
inline const std::string one_placement = R"([listen.postgres]
address = "127.0.0.1:6432"
[backends.pg1]
host = "h"
user = "u"
password = "0123456789abcdef"
[placements.shared]
backend = "pg1"
database = "shop"
tenant_column = "t"
)";

using Lines = std::vector<std::string>;

}  // namespace fairlead::config::testing

#pragma once

#include "config/loader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::config {

/// A place in one of the files read. Small, since a directory of 100,000 tenants keeps several for each.
struct Location {
    std::uint32_t line = 0;  // 0: nowhere (the key was not given)
    std::uint16_t column = 0;
    std::uint8_t file = 0;          // index into Report::files
    bool from_environment = false;  // the value came from a variable, so it must not be shown

    bool given() const { return line != 0; }
};

/// Collects what is wrong, to be told all at once.
class Report {
public:
    /// Registers a file, before it is read; its index is its place in "file order".
    std::uint8_t add_file(const std::filesystem::path& file);
    const std::vector<FileStamp>& files() const { return files_; }

    void mistake(Location at, std::string key, std::string message);
    void warning(Location at, std::string key, std::string message);

    /// Whether a mistake was reported at this very key. Linear; for settings, to report no consequences of a
    /// mistake.
    bool reported(std::string_view key) const;

    bool clean() const { return mistakes_.empty(); }

    /// Sorted by file, line and column; the report is empty afterwards.
    std::vector<Diagnostic> take_mistakes() { return take(mistakes_); }
    std::vector<Diagnostic> take_warnings() { return take(warnings_); }

private:
    struct Entry {
        Location at;
        std::string key;
        std::string message;
    };
    std::vector<Diagnostic> take(std::vector<Entry>& entries);

    std::vector<FileStamp> files_;
    std::vector<Entry> mistakes_;
    std::vector<Entry> warnings_;
};

/// `text` in double quotes for a message: control characters replaced, cut after 60 bytes.
std::string in_quotes(std::string_view text);

/// in_quotes(text), unless it came from an environment variable: then it may be a secret, and only that is
/// said.
std::string shown(Location at, std::string_view text);

}  // namespace fairlead::config

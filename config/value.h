#pragma once

#include "config/key_path.h"
#include "config/purpose.h"
#include "config/report.h"
#include "config/snapshot.h"

#include <toml++/toml.h>

#include <filesystem>
#include <optional>
#include <string>

namespace fairlead::config {

/// What is the same for every value of one file.
struct Source {
    std::uint8_t file;
    std::filesystem::path folder;  // paths in the file are relative to it
    const Environment& environment;
    Report& report;
    NameMap<Location>& places;  // where settings were given
    Purpose purpose = Purpose::proxy;
};

/// One value of a file with its place and its dotted key. Lives on the stack while it is read.
struct Value {
    const toml::node& node;
    const KeyPath& path;
    const Source& source;

    Location at() const;
    void mistake(std::string message) const { source.report.mistake(at(), path.text(), std::move(message)); }

    /// "expected EXPECTED, found a string": the kind only, since the value may be a secret.
    void wrong_type(std::string_view expected) const;
};

/// The place of a node or key of `source`.
Location location(const toml::source_region& region, const Source& source);

/// The string after environment expansion. Nothing, and a mistake in the report, when it is no string, or
/// when expansion fails.
std::optional<std::string> read_string(const Value& value, std::string_view expected = "a string");

/// The string as it stands in the file, for messages about values that are not secret.
std::string raw_text(const Value& value);

}  // namespace fairlead::config

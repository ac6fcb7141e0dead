#pragma once

#include "config/report.h"

#include <toml++/toml.h>

#include <filesystem>
#include <optional>
#include <string_view>

namespace fairlead::config {

/// Reads and parses one TOML file. Nothing, and a mistake in the report, when it cannot be read or is not
/// TOML. What the parser says about a syntax error is passed on without the text it found, which may be a
/// secret. `named_by`, `named_at`: the key that names the file, if one does: a file that cannot be read is
/// its mistake.
std::optional<toml::table> read_document(const std::filesystem::path& path, std::uint8_t file, Report& report,
                                         std::string_view named_by = {}, const Location& named_at = {});

}  // namespace fairlead::config

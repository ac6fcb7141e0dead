#pragma once

#include "config/report.h"

#include <toml++/toml.h>

#include <filesystem>
#include <optional>

namespace fairlead::config {

/// Reads and parses one TOML file. Nothing, and a mistake in the report, when it cannot be read or is not
/// TOML. What the parser says about a syntax error is passed on without the text it found, which may be a
/// secret.
std::optional<toml::table> read_document(const std::filesystem::path& path, std::uint8_t file,
                                         Report& report);

}  // namespace fairlead::config

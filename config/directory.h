#pragma once

#include "config/draft.h"
#include "config/reader.h"

#include <filesystem>

namespace fairlead::config {

/// Reads the tenant directory that `from` names into `draft`, after what the main file holds itself. Only
/// "file:PATH" (relative to `folder`) is available so far. On any mistake the draft says that its tenants are
/// not complete.
void read_directory(const DirectorySource& from, const std::filesystem::path& folder,
                    const Environment& environment, Report& report, Draft& draft);

}  // namespace fairlead::config

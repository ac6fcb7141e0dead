#pragma once

#include "config/draft.h"
#include "config/value.h"

#include <string>

namespace fairlead::config {

/// What the main file says about where the tenants are: "" (in the file itself) or [directory] source.
struct DirectorySource {
    std::string source;
    Location at;
};

/// Reads every table of the main configuration file into `draft`.
DirectorySource read_settings_file(const toml::table& document, const Source& source, Draft& draft);

/// Reads a tenant directory file: [[tenants]] and [[users]], nothing else.
void read_directory_file(const toml::table& document, const Source& source, Draft& draft);

}  // namespace fairlead::config

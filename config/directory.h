#pragma once

#include "config/draft.h"
#include "config/reader.h"

namespace fairlead::config {

/// Reads the tenant directory that `from` names into `draft`, after what `main`, the file that names it,
/// holds itself. Only "file:PATH" (relative to that) is available so far. On any mistake the draft says that
/// its tenants are not complete.
void read_directory(const DirectorySource& from, const Source& main, Draft& draft);

}  // namespace fairlead::config

#include "cli/command.h"

#include <ostream>

namespace fairlead::cli {

config::SnapshotPtr load_or_report(const std::string& file, const CommandContext& context) {
    config::LoadResult loaded = config::load(file, context.environment, 1);
    for (const auto& warning : loaded.warnings) context.err << "warning: " << to_string(warning) << '\n';
    for (const auto& mistake : loaded.mistakes) context.err << to_string(mistake) << '\n';
    return loaded.mistakes.empty() ? loaded.snapshot : nullptr;
}

}  // namespace fairlead::cli

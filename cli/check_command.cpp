#include "cli/check_command.h"

#include <ostream>

namespace fairlead::cli {

int run_check(const std::string& config_file, const CommandContext& context) {
    config::SnapshotPtr snapshot = load_or_report(config_file, context);
    if (snapshot == nullptr) return 1;
    const config::Settings& settings = snapshot->settings();
    context.out << config_file << ": ok (" << settings.backends.size() << " backends, "
                << settings.placements.size() << " placements, " << snapshot->tenant_count() << " tenants, "
                << snapshot->users().size() << " users)\n";
    return 0;
}

}  // namespace fairlead::cli

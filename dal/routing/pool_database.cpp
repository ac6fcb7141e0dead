#include "dal/routing/pool_database.h"

namespace fairlead::dal {

std::optional<std::string> warm_database(const config::Settings& settings, const config::Backend& backend) {
    if (backend.min_pool_size == 0) return std::nullopt;
    for (const config::Placement& placement : settings.placements) {
        const bool one_for_all = placement.database.find("{id}") == std::string::npos;
        if (placement.backend == backend.name && one_for_all)
            return pool_database(backend.engine, placement.database);
    }
    return std::nullopt;
}

}  // namespace fairlead::dal

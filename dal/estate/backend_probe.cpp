#include "dal/estate/backend_probe.h"

namespace fairlead::dal {

std::uint64_t BackendProbe::tables() const {
    std::uint64_t sum = 0;
    for (const DatabaseProbe& database : databases) sum += database.tables;
    return sum;
}

std::map<std::string, std::uint64_t> BackendProbe::tables_by_placement() const {
    std::map<std::string, std::uint64_t> sums;
    for (const DatabaseProbe& database : databases) {
        for (const auto& [placement, tables] : database.by_placement) sums[placement] += tables;
    }
    return sums;
}

}  // namespace fairlead::dal

#include "dal/estate/placement_match.h"

#include <algorithm>
#include <map>
#include <utility>

namespace fairlead::dal {

bool matches_pattern(std::string_view pattern, std::string_view name) {
    constexpr std::string_view id = "{id}";
    const std::size_t at = pattern.find(id);
    if (at == std::string_view::npos) return pattern == name;
    const std::string_view before = pattern.substr(0, at);
    const std::string_view after = pattern.substr(at + id.size());
    return name.size() > before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

const config::Placement* placement_of(const std::vector<config::Placement>& placements,
                                      std::string_view database, std::string_view schema) {
    const config::Placement* whole_database = nullptr;
    for (const config::Placement& placement : placements) {
        if (!matches_pattern(placement.database, database)) continue;
        if (!placement.schema.empty()) {
            if (matches_pattern(placement.schema, schema)) return &placement;
        } else if (whole_database == nullptr) {
            whole_database = &placement;
        }
    }
    return whole_database;
}

std::vector<PlacedTables> placed_tables(const std::vector<DatabaseProbe>& databases,
                                        const std::vector<config::Placement>& placements) {
    std::map<std::pair<std::string, std::string>, std::uint64_t> sums;
    for (const DatabaseProbe& database : databases) {
        for (const auto& [name, tables] : database.by_placement) {
            const auto placement =
                std::find_if(placements.begin(), placements.end(),
                             [&name = name](const config::Placement& each) { return each.name == name; });
            sums[{placement == placements.end() ? database.database : placement->database, name}] += tables;
        }
    }
    std::vector<PlacedTables> out;
    out.reserve(sums.size());
    for (const auto& [place, tables] : sums) out.push_back({place.first, place.second, tables});
    return out;
}

}  // namespace fairlead::dal

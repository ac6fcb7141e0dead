#pragma once

#include "config/settings.h"
#include "dal/estate/backend_probe.h"

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// Whether `name` is `pattern`, or, where that holds "{id}", could come from it for some tenant.
bool matches_pattern(std::string_view pattern, std::string_view name);

/// The placement of one backend that a schema of a database belongs to: a bridge by schema if its pattern
/// fits, else the first other placement of that database; null when none does. The pointer is into
/// `placements`.
const config::Placement* placement_of(const std::vector<config::Placement>& placements,
                                      std::string_view database, std::string_view schema);

/// The tables of `databases`, summed by placement and the name that it gives its database.
std::vector<PlacedTables> placed_tables(const std::vector<DatabaseProbe>& databases,
                                        const std::vector<config::Placement>& placements);

}  // namespace fairlead::dal

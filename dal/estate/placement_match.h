#pragma once

#include "config/settings.h"

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

}  // namespace fairlead::dal

#pragma once

#include "policy/catalogue.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead::dal {

/// A number that changes with anything the guard may look at, and only with that: a catalogue that was read
/// again and is the same keeps every cached verdict. Pure.
std::uint64_t catalogue_epoch(const std::vector<policy::Relation>& relations,
                              const std::vector<std::string>& search_path);

}  // namespace fairlead::dal

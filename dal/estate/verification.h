#pragma once

#include "dal/estate/finding.h"
#include "policy/catalogue.h"

#include <vector>

namespace fairlead::dal {

/// Whether a placement holds, and what its guard must know.
struct Verification {
    std::vector<Finding> findings;   // errors first; any error: the placement must not be served (I7)
    policy::CataloguePtr catalogue;  // pool: what the findings were drawn from; others: null
};

}  // namespace fairlead::dal

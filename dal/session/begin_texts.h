#pragma once

#include "config/settings.h"
#include "fairlead/options.h"

#include <string>
#include <vector>

namespace fairlead::dal {

/// What begins such a transaction, one text after the other; never empty.
std::vector<std::string> begin_texts(config::Engine engine, const TransactionOptions& options);

}  // namespace fairlead::dal

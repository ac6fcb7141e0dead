#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// A call: by the list of built-in functions, else a stored function.
void check_function(analysis& a, const node& call);

}  // namespace fairlead::policy::mysql::guard

#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// Judges one statement of the text, with what stands in it. `only`: the text holds no other.
void check_statement(analysis& a, node_id statement, bool only);

}  // namespace fairlead::policy::mysql::guard

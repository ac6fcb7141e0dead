#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// The server names a column of a result by the text of its expression. Columns whose text the other rules
/// changed get that name as an alias. Comes after all other rules.
void keep_column_names(analysis& a, node_id statement);

}  // namespace fairlead::policy::mysql::guard

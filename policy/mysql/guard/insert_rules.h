#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// INSERT and REPLACE into shared tables: every row gets the tenant's id, and none can meet a row of another
/// tenant by a unique key. Needs resolve_tables() before.
void check_insert(analysis& a, const parse::statement& statement);

}  // namespace fairlead::policy::mysql::guard

#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// BEGIN to ROLLBACK TO, and XA.
void check_transaction(analysis& a, const parse::statement& statement);

}  // namespace fairlead::policy::mysql::guard

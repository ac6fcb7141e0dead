#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// SHOW: what describes the own tables and the session passes.
void check_show(analysis& a, const parse::statement& statement);

}  // namespace fairlead::policy::mysql::guard

#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// USE, KILL, LOCK TABLES, HANDLER, PREPARE and the other statements about the session. `only`: the text
/// holds nothing else.
void check_session_statement(analysis& a, const parse::statement& statement, bool only);

}  // namespace fairlead::policy::mysql::guard

#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// Statements of which only the leading words were read: definitions, privileges, maintenance, server
/// control. Refused on shared tables; in a database of one's own, definitions of tables pass if no name leads
/// out of it.
void check_definition(analysis& a, const parse::statement& statement);

}  // namespace fairlead::policy::mysql::guard

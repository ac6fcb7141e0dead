#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// Puts the tenant's filter on every reference to a shared table below `statement` that rows are read from,
/// changed or deleted in: a condition in WHERE or ON, or a derived table in its place. References to
/// information_schema get the filter of the own database. Needs resolve_tables() before.
void filter_tables(analysis& a, node_id statement);

}  // namespace fairlead::policy::mysql::guard

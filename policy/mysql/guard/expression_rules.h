#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// Every node below `statement`, wherever it stands: functions, variables, names with a database, blocks'
/// options. Needs resolve_tables() before.
void check_expressions(analysis& a, node_id statement);

/// The same of one expression, itself included.
void check_expression(analysis& a, node_id expression);

/// There is a query at or below `id`.
bool has_query(const analysis& a, node_id id);

}  // namespace fairlead::policy::mysql::guard

#pragma once

#include "policy/mysql/guard/analysis.h"

#include <string>

namespace fairlead::policy::mysql::guard {

/// `name` is, or may be to the server, the tenant column.
bool is_tenant_column(const analysis& a, std::string_view name);

/// The expression `value` goes to the tenant column of a row that is written: the own id passes, another
/// constant is refused, DEFAULT becomes the id, and what only the server can compute (placeholders, columns)
/// becomes an expression that fails unless it is the id. Keeps the number and order of placeholders.
/// `ignore`: under INSERT IGNORE, where errors are warnings, such a value is refused.
void force_tenant_value(analysis& a, const Relation& relation, node_id value, bool ignore);

/// The tenant's id, as the table's column takes it.
std::string own_tenant(const Relation& relation);

/// The own id, as a constant. Examines it.
bool is_own_tenant(analysis& a, node_id value);

}  // namespace fairlead::policy::mysql::guard

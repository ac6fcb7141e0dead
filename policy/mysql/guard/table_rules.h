#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// Says of every table reference below `statement` what it names, as the server resolves it: elements of
/// WITH, the tenant's database, the catalogue. What cannot be reached is refused.
void resolve_tables(analysis& a, node_id statement);

/// The reference in `block` (a query_block or a statement's node) that columns call `name`; null if there is
/// none.
const parse::table_reference* find_reference(const analysis& a, node_id block, std::string_view name);

/// What the reference names.
const resolved_table& resolved(const analysis& a, const parse::table_reference& reference);

}  // namespace fairlead::policy::mysql::guard

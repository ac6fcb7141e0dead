#pragma once

#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

/// The text is one query that reads and does nothing else: no INTO, no INSERT, UPDATE, DELETE or MERGE in a
/// WITH, and of functions only built-in ones that have no effect. In doubt false. Functions behind operators,
/// casts and views are not looked at.
bool only_reads(const PgQuery__ParseResult& tree);

}  // namespace fairlead::policy::postgres::guard

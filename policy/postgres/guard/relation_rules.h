#pragma once

#include "policy/catalogue.h"
#include "policy/postgres/guard/tree.h"

#include <cstdint>
#include <string_view>

namespace fairlead::policy::postgres::guard {

class walker;
class analysis;

enum class access : std::uint8_t { read, write, lock, define };

/// Judges one table reference and notes its name for the column rules. Returns the table, null if it is not
/// one of the catalogue's (a common table expression, a system catalogue, a tenant's own schema) or was
/// refused.
const Relation* check_relation(walker& w, const PgQuery__RangeVar& reference, access wanted);

/// A schema that the placement's tables, types and functions may be named with.
bool known_schema(const analysis& a, std::string_view schema);

/// Tree rule for table references outside of statements' targets: they are read.
void on_range_variable(walker& w, const tree_node& node);

}  // namespace fairlead::policy::postgres::guard

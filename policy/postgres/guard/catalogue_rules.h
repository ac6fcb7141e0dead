#pragma once

#include "policy/postgres/guard/relation_rules.h"

#include <string_view>

namespace fairlead::policy::postgres::guard {

/// The name means a relation of pg_catalog or information_schema. pg_catalog is searched before everything
/// else, so an unqualified name that begins with pg_ is taken as one.
bool is_catalogue(std::string_view schema, std::string_view name);

/// Judges a reference to a system catalogue. True: some of its columns hold statistics (pg_class).
bool check_catalogue(analysis& a, const PgQuery__RangeVar& reference, access wanted);

}  // namespace fairlead::policy::postgres::guard

#pragma once

#include "common/result.h"
#include "policy/bulk_load.h"
#include "policy/postgres/guard.h"

#include <span>
#include <string_view>

namespace fairlead::policy::postgres {

/// A load into `table` ("orders" or "schema.orders"). On shared tables it must be known, hold the tenant's
/// rows under its policy, and the tenant column must not be among `columns`: the server fills it in. There
/// rows go in by INSERT, since PostgreSQL refuses COPY FROM under row security. `own_schema`: bridge by
/// schema. Pure. Errors are the caller's.
Result<bulk_load> plan_bulk_load(const GuardScope& scope, std::string_view own_schema, std::string_view table,
                                 std::span<const std::string_view> columns);

}  // namespace fairlead::policy::postgres

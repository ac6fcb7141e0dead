#pragma once

#include "common/result.h"
#include "policy/bulk_load.h"
#include "policy/mysql/guard.h"

#include <span>
#include <string_view>

namespace fairlead::policy::mysql {

/// A load into `table` of the tenant's database, which must be the current one. On shared tables it must be
/// known, and the tenant is forced: `tenant` stands in the statement, the tenant column must not be among
/// `columns`. Pure. Errors are the caller's.
Result<bulk_load> plan_bulk_load(const GuardScope& scope, std::string_view database, std::string_view tenant,
                                 std::string_view table, std::span<const std::string_view> columns);

}  // namespace fairlead::policy::mysql

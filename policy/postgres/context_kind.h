#pragma once

#include "policy/postgres/guard.h"

#include <cstdint>

namespace fairlead::policy::postgres {

/// The variable that is set, transaction-locally, in front of a tenant's first statement.
enum class context_kind : std::uint8_t {
    none,         // silo, bridge by database: the database is the tenant's own
    sealed,       // fairlead.context = signed token
    variable,     // guc isolation: a plain variable = tenant id
    search_path,  // bridge by schema: search_path = the tenant's schema
};

context_kind context_of(const GuardScope& scope);

}  // namespace fairlead::policy::postgres

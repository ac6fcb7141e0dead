#pragma once

#include "config/settings.h"
#include "policy/catalogue.h"
#include "policy/verdict.h"

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::policy::postgres {

/// Everything besides its text that a verdict depends on. One object per placement (bridge by schema: per
/// placement, the tenant's schema comes with each call), shared by all its clients.
struct GuardScope {
    config::Model model = config::Model::pool;
    config::Isolation isolation = config::Isolation::sealed;
    bool session_pooling = false;
    bool bridge_by_schema = false;
    std::string tenant_column;
    std::string context_variable;  // guc isolation
    std::vector<std::string> allowed_functions;
    CataloguePtr catalogue;  // pool: required, without it every table is unknown
};

/// Analyses a statement text with libpg_query. Pure and thread-safe; costs 10 to 500 us, so callers go
/// through VerdictCache (policy/postgres/verdict_cache.h). `own_schema`: bridge by schema, the only schema
/// within reach; empty otherwise. `examined`: receives, as token indexes in the lexer's order, the literals
/// whose value the verdict depends on.
Verdict analyse(const GuardScope& scope, std::string_view own_schema, std::string_view sql,
                std::vector<std::uint32_t>* examined);

}  // namespace fairlead::policy::postgres

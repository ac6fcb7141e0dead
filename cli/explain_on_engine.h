#pragma once

#include "cli/explain_command.h"
#include "config/snapshot.h"
#include "dal/routing/route.h"

namespace fairlead::cli {

/// A question to `fairlead explain` whose tenant and placement are settled.
struct ExplainRequest {
    const config::Snapshot& snapshot;
    const dal::route& route;
    const ExplainOptions& options;
};

/// Print the verdict to `context.out`. They ask the placement's server for its tables; 0, or 1 when no
/// verdict could be given without it.
int explain_on_postgres(const ExplainRequest& request, const CommandContext& context);
int explain_on_mysql(const ExplainRequest& request, const CommandContext& context);

}  // namespace fairlead::cli

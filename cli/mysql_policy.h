#pragma once

#include "cli/policy_command.h"
#include "config/snapshot.h"

namespace fairlead::cli {

/// `fairlead policy` for a placement on MySQL or MariaDB. These need nothing of ours in the database: verify
/// prints the findings; print lists the grants and ALTERs that findings ask for, as far as the server can be
/// asked; install says that there is nothing to install and fails. Exit status.
int run_mysql_policy(const PolicyOptions& options, const CommandContext& context,
                     const config::Snapshot& snapshot, const config::Backend& backend,
                     const config::Placement& placement);

}  // namespace fairlead::cli

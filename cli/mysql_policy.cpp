#include "cli/mysql_policy.h"

#include "dal/driver/mysql/connection.h"
#include "dal/estate/mysql/assess.h"
#include "dal/estate/mysql/verify_placement.h"

#include <algorithm>
#include <ostream>

namespace fairlead::cli {
namespace {

using dal::mysql::Connection;
using dal::mysql::Verification;

dal::SqlResult<Verification> ask(const config::Snapshot& snapshot, const config::Backend& backend,
                                 const config::Placement& placement) {
    dal::ConnectOptions options = dal::connect_options(backend, "");
    options.application_name = "fairlead policy";
    dal::SqlResult<Connection> connection = Connection::open(options);
    if (!connection) return connection.error();
    return dal::mysql::verify_placement(*connection, backend, placement,
                                        config::databases_of(snapshot.settings(), backend.name));
}

int verify(const CommandContext& context, const config::Placement& placement,
           const dal::SqlResult<Verification>& verified) {
    if (!verified) {
        context.err << "error: " << verified.error().message << '\n';
        return 1;
    }
    for (const dal::Finding& finding : verified->findings) context.out << to_string(finding) << '\n';
    if (dal::any_error(verified->findings)) {
        context.out << "placement " << placement.name << " does not hold and is not served\n";
        return 1;
    }
    context.out << "placement " << placement.name << " holds: ";
    if (verified->catalogue == nullptr) {
        context.out << "its tenants share no tables\n";
        return 0;
    }
    const auto& relations = verified->catalogue->relations();
    context.out << std::count_if(relations.begin(), relations.end(), [](const policy::Relation& relation) {
        return relation.has_tenant_column && !relation.global && relation.kind == policy::RelationKind::table;
    }) << " tables with filters\n";
    return 0;
}

/// What an administrator may want to run; with the findings' own words, since not all of them are SQL.
int print(const CommandContext& context, const config::Backend& backend, const config::Placement& placement,
          const dal::SqlResult<Verification>& verified) {
    context.out << "-- Placement " << placement.name
                << ": MySQL has no row policies. Fairlead rewrites the statements and needs nothing of its "
                   "own here,\n-- only an account with these rights and no others:\n";
    for (const std::string& grant : dal::mysql::recommended_grants(backend, placement)) {
        context.out << grant << ";\n";
    }
    if (!verified) {
        context.out << "-- The server could not be asked (" << verified.error().message << ").\n";
        return 0;
    }
    for (const dal::Finding& finding : verified->findings) {
        context.out << "-- " << dal::to_string(finding.severity) << ": " << finding.object << ": "
                    << finding.problem << '\n';
        if (finding.remedy.empty()) continue;
        const bool statement = finding.remedy.starts_with("ALTER TABLE ");
        context.out << (statement ? "" : "-- ") << finding.remedy << (statement ? ";\n" : "\n");
    }
    return 0;
}

}  // namespace

int run_mysql_policy(const PolicyOptions& options, const CommandContext& context,
                     const config::Snapshot& snapshot, const config::Backend& backend,
                     const config::Placement& placement) {
    switch (options.action) {
        case PolicyAction::verify:
            return verify(context, placement, ask(snapshot, backend, placement));
        case PolicyAction::print:
            return print(context, backend, placement, ask(snapshot, backend, placement));
        case PolicyAction::install:
            break;
    }
    context.err << "error: placement " << placement.name
                << " is on MySQL, where there are no row policies: nothing to install\n    see: fairlead "
                   "policy print --config "
                << options.config_file << " --placement " << placement.name << '\n';
    return 1;
}

}  // namespace fairlead::cli

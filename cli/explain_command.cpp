#include "cli/explain_command.h"

#include "cli/explain_on_engine.h"
#include "config/enum_names.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>

namespace fairlead::cli {
namespace {

int failed(const CommandContext& context, const std::string& message, const std::string& hint = {}) {
    context.err << "fairlead: " << message << '\n';
    if (!hint.empty()) context.err << "hint: " << hint << '\n';
    return 1;
}

const config::User* user_for(const config::Snapshot& snapshot, const ExplainOptions& options) {
    if (!options.user.empty()) return snapshot.user(options.user);
    for (const config::User& user : snapshot.users()) {
        bool bound =
            std::find(user.tenants.begin(), user.tenants.end(), options.tenant) != user.tenants.end();
        if (user.any_tenant || bound) return &user;
    }
    return nullptr;
}

/// Where a client of the tenant would ask.
struct Address {
    config::Engine engine = config::Engine::postgres;
    std::string database;
};

/// The tenant's first placement that fits what was asked for. Without one the routing says what there is.
Address address_of(const config::Snapshot& snapshot, const ExplainOptions& options) {
    const config::Tenant* tenant = snapshot.tenant(options.tenant);
    const std::vector<std::string> none;
    for (const std::string& name : tenant == nullptr ? none : tenant->placements) {
        const config::Placement* placement = snapshot.placement(name);
        const config::Backend* backend =
            placement != nullptr ? snapshot.backend(placement->backend) : nullptr;
        if (backend == nullptr) continue;
        std::string exposed = config::exposed_database(*placement, options.tenant);
        const bool fits = (options.database.empty() || options.database == exposed) &&
                          (options.engine.empty() || options.engine == config::name_of(backend->engine));
        if (fits) return {backend->engine, std::move(exposed)};
    }
    const bool mysql = options.engine == config::name_of(config::Engine::mysql);
    return {mysql ? config::Engine::mysql : config::Engine::postgres, options.database};
}

}  // namespace

int run_explain(const ExplainOptions& options, const CommandContext& context) {
    config::SnapshotPtr snapshot = load_or_report(options.config_file, context);
    if (snapshot == nullptr) return 1;
    const config::User* user = user_for(*snapshot, options);
    if (user == nullptr) {
        return failed(context, options.user.empty() ? "no user may be tenant \"" + options.tenant + "\""
                                                    : "no user \"" + options.user + "\"");
    }
    dal::identity_labels labels;
    labels.startup_option = options.tenant;
    const Address address = address_of(*snapshot, options);
    auto route = dal::resolve_route(*snapshot, *user, labels, address.engine, address.database);
    if (!route) return failed(context, route.error().message, route.error().hint);
    const ExplainRequest request{*snapshot, *route, options};
    return address.engine == config::Engine::mysql ? explain_on_mysql(request, context)
                                                   : explain_on_postgres(request, context);
}

void add_explain_command(CLI::App& app, const CommandContext& context, int& exit_status) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* explain = app.add_subcommand("explain", "what the guard makes of a statement");
    explain->add_option("--config", options->config_file, "configuration file (TOML)")->required();
    explain->add_option("--tenant", options->tenant, "tenant id")->required();
    explain->add_option("--user", options->user, "user name; default: any that may be this tenant");
    explain->add_option("--database", options->database,
                        "exposed database name; default: the tenant's first");
    explain
        ->add_option("--engine", options->engine, "for a tenant with placements on both: postgres or mysql")
        ->check(CLI::IsMember({"postgres", "mysql"}));
    explain->add_flag("--json", options->json, "machine-readable");
    explain->add_option("sql", options->sql, "the statement")->required();
    explain->callback([options, &context, &exit_status] { exit_status = run_explain(*options, context); });
}

}  // namespace fairlead::cli

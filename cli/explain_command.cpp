#include "cli/explain_command.h"

#include "dal/estate/postgres/verify_placement.h"
#include "dal/routing/route.h"
#include "policy/postgres/explain.h"
#include "policy/postgres/verdict_cache.h"
#include "proxy/worker/placement_scope_maker.h"

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace fairlead::cli {
namespace {

constexpr std::size_t one_verdict = 1 << 20;

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

/// The exposed name of the tenant's first PostgreSQL placement.
std::string first_database(const config::Snapshot& snapshot, const std::string& tenant_id) {
    const config::Tenant* tenant = snapshot.tenant(tenant_id);
    if (tenant == nullptr) return {};
    for (const std::string& name : tenant->placements) {
        const config::Placement* placement = snapshot.placement(name);
        const config::Backend* backend =
            placement != nullptr ? snapshot.backend(placement->backend) : nullptr;
        if (backend != nullptr && backend->engine == config::Engine::postgres) {
            return config::exposed_database(*placement, tenant_id);
        }
    }
    return {};
}

/// The tables of a pool placement, from its database as the proxy's own role sees it.
Result<policy::CataloguePtr> read_catalogue(const dal::route& route, const config::Settings& settings,
                                            const std::string& config_file) {
    auto connection = dal::postgres::Connection::open(
        dal::postgres::connect_options(*route.backend, route.server_database));
    if (!connection)
        return Error{connection.error().message,
                     "The tables of a pool placement are read from its database."};
    auto keys = policy::postgres::context_keys(route.placement->context_keys, route.backend->password,
                                               route.backend->user, route.server_database);
    auto verified = dal::postgres::verify_placement(
        *connection, *route.backend, *route.placement,
        keys ? *keys : std::vector<policy::postgres::ContextKey>{},
        config::bridge_schemas(settings, route.backend->name, route.server_database), config_file);
    if (!verified) return Error{verified.error().message, {}};
    return verified->catalogue;
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
    std::string database =
        options.database.empty() ? first_database(*snapshot, options.tenant) : options.database;
    auto route = dal::resolve_route(*snapshot, *user, labels, config::Engine::postgres, database);
    if (!route) return failed(context, route.error().message, route.error().hint);
    policy::CataloguePtr catalogue;
    if (route->placement->model == config::Model::pool) {
        auto read = read_catalogue(*route, snapshot->settings(), options.config_file);
        if (!read) {
            context.err << "note: the tables are not known, since the database could not be read: "
                        << read.error().message << '\n';
        }
        catalogue = read ? *read
                         : std::make_shared<const policy::Catalogue>(std::vector<policy::Relation>{},
                                                                     std::vector<std::string>{"public"}, 0);
    }
    auto scope = proxy::worker::make_placement_scope(*route->placement, catalogue);
    policy::postgres::VerdictCache verdicts(one_verdict);
    policy::VerdictPtr verdict = verdicts.check(scope->guard, route->own_schema, options.sql);
    if (options.json) {
        context.out << policy::postgres::explain_json(scope->guard, *verdict, options.sql).dump(2) << '\n';
    } else {
        context.out << policy::postgres::explain_text(scope->guard, *verdict, options.sql);
    }
    return 0;  // a refusal is an answer, too
}

void add_explain_command(CLI::App& app, const CommandContext& context, int& exit_status) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* explain = app.add_subcommand("explain", "what the guard makes of a statement");
    explain->add_option("--config", options->config_file, "configuration file (TOML)")->required();
    explain->add_option("--tenant", options->tenant, "tenant id")->required();
    explain->add_option("--user", options->user, "user name; default: any that may be this tenant");
    explain->add_option("--database", options->database,
                        "exposed database name; default: the tenant's first");
    explain->add_flag("--json", options->json, "machine-readable");
    explain->add_option("sql", options->sql, "the statement")->required();
    explain->callback([options, &context, &exit_status] { exit_status = run_explain(*options, context); });
}

}  // namespace fairlead::cli

#include "cli/explain_on_engine.h"
#include "dal/estate/postgres/guard_scope.h"
#include "dal/estate/postgres/verify_placement.h"
#include "policy/postgres/explain.h"
#include "policy/postgres/verdict_cache.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <ostream>

namespace fairlead::cli {
namespace {

constexpr std::size_t one_verdict = 1 << 20;

/// The tables of a pool placement, from its database as the proxy's own role sees it.
Result<policy::CataloguePtr> read_catalogue(const ExplainRequest& request) {
    const dal::route& route = request.route;
    auto connection =
        dal::postgres::Connection::open(dal::connect_options(*route.backend, route.server_database));
    if (!connection) return Error{connection.error().message, {}};
    auto keys = policy::postgres::context_keys(route.placement->context_keys, route.backend->password,
                                               route.backend->user, route.server_database);
    auto verified = dal::postgres::verify_placement(
        *connection, *route.backend, *route.placement,
        keys ? *keys : std::vector<policy::postgres::ContextKey>{},
        config::bridge_schemas(request.snapshot.settings(), route.backend->name, route.server_database),
        request.options.config_file);
    if (!verified) return Error{verified.error().message, {}};
    return verified->catalogue;
}

}  // namespace

int explain_on_postgres(const ExplainRequest& request, const CommandContext& context) {
    policy::CataloguePtr catalogue;
    if (request.route.placement->model == config::Model::pool) {
        auto read = read_catalogue(request);
        if (!read) {
            context.err << "note: the tables are not known, since the database could not be read: "
                        << read.error().message << '\n';
        }
        catalogue = read ? *read
                         : std::make_shared<const policy::Catalogue>(std::vector<policy::Relation>{},
                                                                     std::vector<std::string>{"public"}, 0);
    }
    const std::string& sql = request.options.sql;
    const auto scope = dal::postgres::make_guard_scope(*request.route.placement, catalogue);
    policy::postgres::VerdictCache verdicts(one_verdict);
    policy::VerdictPtr verdict = verdicts.check(scope, request.route.own_schema, sql);
    if (request.options.json) {
        context.out << policy::postgres::explain_json(scope, *verdict, sql).dump(2) << '\n';
    } else {
        context.out << policy::postgres::explain_text(scope, *verdict, sql);
    }
    return 0;  // a refusal is an answer, too
}

}  // namespace fairlead::cli

#include "dal/session/tenant_home.h"

#include "dal/routing/pool_database.h"
#include "policy/mysql/sql_mode_words.h"
#include "policy/postgres/quote.h"

#include <ctime>
#include <utility>

namespace fairlead::dal {
namespace {

using policy::postgres::context_kind;

std::shared_ptr<const tenant_home> refuse(Diagnostics& failed, std::string message, std::string hint) {
    failed.set(errc::configuration);
    failed.message = std::move(message);
    failed.hint = std::move(hint);
    return nullptr;
}

void fill_postgres(tenant_home& home) {
    const policy::postgres::GuardScope& scope = *home.placement->served.postgres.scope;
    home.context = policy::postgres::context_of(scope);
    switch (home.context) {
        case context_kind::none:
            break;
        case context_kind::sealed:
            home.context_variable = policy::postgres::context_variable;
            break;
        case context_kind::variable:
            home.context_variable = scope.context_variable;
            home.context_value = home.tenant();
            break;
        case context_kind::search_path:
            home.context_variable = "search_path";
            home.context_value = policy::postgres::quote_identifier(home.place.own_schema);
            break;
    }
}

void fill_mysql(tenant_home& home) {
    const served_by_mysql& served = home.placement->served.mysql;
    policy::mysql::lex_mode mode;
    mode.server = served.scope->server;
    mode.server_version = served.scope->server_version;
    mode.charset = policy::mysql::client_charset::utf8mb4;  // of every connection of the library
    if (policy::mysql::read_sql_mode(served.sql_mode, mode)) home.mode = mode;
}

}  // namespace

std::shared_ptr<const tenant_home> find_home(const std::shared_ptr<const estate_version>& version,
                                             std::string_view tenant, std::string_view database,
                                             Diagnostics& failed) {
    auto place = resolve_place(*version->snapshot, tenant, database);
    if (!place) return refuse(failed, place.error().message, place.error().hint);
    auto home = std::make_shared<tenant_home>();
    home->version = version;
    home->place = std::move(place).value();
    const std::string& name = home->place.placement->name;
    const auto placement = version->placements.find(name);
    const auto backend = version->backends.find(home->place.backend->name);
    if (placement == version->placements.end() || backend == version->backends.end())
        return refuse(failed, "placement \"" + name + "\" is not there", "");
    home->placement = &placement->second;
    // An application that embeds the library is the operator: it hears the operator's reason.
    if (!home->placement->served.served())
        return refuse(failed, "placement \"" + name + "\" is not served", home->placement->served.refusal);
    if (home->engine() == config::Engine::postgres) {
        fill_postgres(*home);
    } else {
        fill_mysql(*home);
    }
    const config::Tenant& limits = *home->place.tenant;
    home->seat = std::make_unique<PoolSeat>(backend->second, limits.id,
                                            TenantLimits{limits.weight, limits.max_server_connections},
                                            pool_database(home->engine(), home->place.server_database));
    return home;
}

SessionContext make_context(const tenant_home& home, const ServerSession& session, std::string& value) {
    if (home.engine() == config::Engine::mysql) return {{}, {}, home.place.server_database};
    if (home.context == context_kind::none) return {};
    if (home.context != context_kind::sealed) return {home.context_variable, home.context_value, {}};
    const std::int64_t lifetime = home.place.placement->context_lifetime.count() / 1000;
    value.clear();
    home.placement->sealers->seal(value, home.tenant(), session.backend_pid(), session.connection_tag(),
                                  std::time(nullptr) + lifetime);
    return {home.context_variable, value, {}};
}

}  // namespace fairlead::dal

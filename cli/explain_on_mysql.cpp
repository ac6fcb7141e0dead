#include "cli/explain_on_engine.h"
#include "dal/estate/mysql/guard_scope.h"
#include "dal/estate/mysql/verify_placement.h"
#include "policy/explain.h"
#include "policy/mysql/render.h"
#include "policy/mysql/verdict_cache.h"
#include "proxy/session/mysql/session_settings.h"

#include <nlohmann/json.hpp>

#include <ostream>

namespace fairlead::cli {
namespace {

constexpr std::size_t one_verdict = 1 << 20;
constexpr std::uint16_t utf8mb4_general_ci = 45;  // what clients usually name in their handshake

/// The server of the placement and, for shared tables, its catalogue. Without it there is no verdict worth
/// the name: sql_mode, version and case rule decide what a text says.
dal::SqlResult<dal::mysql::Verification> ask_server(const ExplainRequest& request) {
    const dal::route& route = request.route;
    auto connection = dal::mysql::Connection::open(dal::connect_options(*route.backend, ""));
    if (!connection) return connection.error();
    return dal::mysql::verify_placement(
        *connection, *route.backend, *route.placement,
        config::databases_of(request.snapshot.settings(), route.backend->name));
}

int fail(const CommandContext& context, const std::string& message) {
    context.err << "fairlead: " << message << '\n';
    return 1;
}

/// As a client would be read that has just logged in.
std::optional<policy::mysql::lex_mode> first_mode(const dal::mysql::ServerFacts& server) {
    const auto settings = proxy::mysql::startup_settings(utf8mb4_general_ci, "'" + server.sql_mode + "'");
    if (settings == nullptr) return std::nullopt;
    return proxy::mysql::lex_mode_of(*settings, server.flavour, server.version);
}

}  // namespace

int explain_on_mysql(const ExplainRequest& request, const CommandContext& context) {
    const auto asked = ask_server(request);
    if (!asked) return fail(context, asked.error().message);
    const auto mode = first_mode(asked->server);
    if (!mode) return fail(context, "sql_mode " + asked->server.sql_mode + " is not understood");
    const auto scope =
        dal::mysql::make_guard_scope(*request.route.placement, asked->server, asked->catalogue);
    policy::mysql::Speaker speaker;
    speaker.tenant = request.options.tenant;
    speaker.database = request.route.server_database;
    speaker.exposed = request.route.exposed_database;
    speaker.mode = *mode;
    const std::string& sql = request.options.sql;
    policy::mysql::VerdictCache verdicts(one_verdict);
    const policy::VerdictPtr verdict = verdicts.check(scope, speaker, sql);
    std::string sent = sql;
    if (!verdict->refused && !verdict->splices.empty()) {
        sent.clear();
        if (!policy::mysql::render(sql, verdicts.tokens(), verdict->splices,
                                   {speaker.tenant, speaker.database, 0}, sent)) {
            return fail(context, "the statement passes, but cannot be rewritten for tenant " +
                                     request.options.tenant + "; the proxy would refuse it");
        }
    }
    const policy::explanation shown{*verdict, sent};
    if (request.options.json) {
        context.out << policy::explain_json(shown).dump(2) << '\n';
    } else {
        context.out << policy::explain_text(shown);
    }
    return 0;  // a refusal is an answer, too
}

}  // namespace fairlead::cli

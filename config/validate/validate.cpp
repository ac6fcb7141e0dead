#include "config/validate.h"

#include "config/validate/rules.h"

namespace fairlead::config {

namespace {

constexpr std::uint16_t postgres_port = 5432;
constexpr std::uint16_t mysql_port = 3306;

/// A plain configuration without certificate starts without TLS; one with a certificate offers it.
void settle_listener(Draft& draft, std::string_view name, Listen& listen) {
    std::string tls = "listen." + std::string(name) + ".tls";
    if (!draft.given(tls + ".mode") && draft.given(tls + ".cert")) listen.tls.mode = TlsMode::prefer;
}

Isolation default_isolation(const Draft& draft, const Placement& placement) {
    if (placement.model != Model::pool) return Isolation::none;
    const Backend* backend = rules::find_backend(draft, placement.backend);
    return backend != nullptr && backend->engine == Engine::mysql ? Isolation::rewrite : Isolation::sealed;
}

}  // namespace

void settle_defaults(Draft& draft) {
    settle_listener(draft, "postgres", draft.settings.postgres);
    settle_listener(draft, "mysql", draft.settings.mysql);
    for (Backend& backend : draft.settings.backends)
        if (backend.port == 0) backend.port = backend.engine == Engine::mysql ? mysql_port : postgres_port;
    for (Placement& placement : draft.settings.placements)
        if (!draft.given(rules::key_of("placements", placement.name) + ".isolation"))
            placement.isolation = default_isolation(draft, placement);
}

void validate(const Draft& draft, Report& report, Purpose purpose) {
    rules::check_listeners(draft, report);
    if (purpose == Purpose::proxy) rules::check_that_there_is_a_listener(draft, report);
    rules::check_backends(draft, report);
    rules::check_placements(draft, report);
    rules::check_tenants(draft, report);
    rules::check_users(draft, report);
    rules::check_homes(draft, report);
}

}  // namespace fairlead::config

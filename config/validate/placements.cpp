#include "config/enum_names.h"
#include "config/near_miss.h"
#include "config/validate/rules.h"

namespace fairlead::config::rules {

namespace {

constexpr std::size_t most_context_keys =
    2;  // the one in use and the one it replaces, while a rotation goes on
constexpr std::size_t shortest_context_key = 16;
constexpr std::size_t shortest_key_password = 16;

const Backend* check_backend_reference(const SettingsReport& at, const Placement& placement) {
    at.require("backend", "the name of a [backends.NAME] table");
    if (placement.backend.empty()) return nullptr;
    const Backend* backend = find_backend(at.draft, placement.backend);
    if (backend != nullptr) return backend;
    NearMiss search(placement.backend);
    for (const Backend& known : at.draft.settings.backends) search.offer(known.name);
    Location place = at.at("backend");
    at.mistake("backend", "there is no backend " + shown(place, placement.backend) +
                              (place.from_environment ? "" : search.text()));
    return nullptr;
}

std::string only_for_pool(const Placement& placement) {
    return "is for model \"pool\" only; this placement has model \"" + std::string(name_of(placement.model)) +
           "\"";
}

void check_pool_model(const SettingsReport& at, const Placement& placement) {
    at.require("tenant_column", "model \"pool\" tells tenants apart by a column of each shared table");
    if (names_tenant(placement.database))
        at.mistake("database",
                   "must not contain {id} with model \"pool\": all its tenants share one database");
}

void check_bridge_model(const SettingsReport& at, const Placement& placement, const Backend* backend) {
    bool by_database = names_tenant(placement.database);
    bool by_schema = names_tenant(placement.schema);
    if (!placement.schema.empty() && backend != nullptr && backend->engine == Engine::mysql)
        return at.mistake("schema", "MySQL has no schemas within a database; put {id} into database");
    if (by_database && by_schema)
        at.mistake("schema", "only one of database and schema may contain {id}");
    else if (by_database && !placement.schema.empty())
        at.mistake("schema", "must not be given when database contains {id}");
    else if (!by_database && !by_schema)
        at.mistake(placement.schema.empty() ? "database" : "schema",
                   "model \"bridge\" needs {id} in database or in schema, such as schema = \"tenant_{id}\"");
}

void check_silo_model(const SettingsReport& at, const Placement& placement) {
    if (names_tenant(placement.database))
        at.mistake("database",
                   "must not contain {id} with model \"silo\": it has one tenant and one database");
}

void check_model(const SettingsReport& at, const Placement& placement, const Backend* backend) {
    at.require("database", "the database on the server");
    if (placement.model == Model::pool) check_pool_model(at, placement);
    if (placement.model == Model::bridge && at.given("database")) check_bridge_model(at, placement, backend);
    if (placement.model == Model::silo) check_silo_model(at, placement);
    if (placement.model != Model::bridge && !placement.schema.empty())
        at.mistake("schema", "is for model \"bridge\" only; this placement has model \"" +
                                 std::string(name_of(placement.model)) + "\"");
    if (placement.model == Model::pool) return;
    // Somebody who names a tenant column expects a filter, and there is none here: say so rather than ignore
    // it.
    if (!placement.tenant_column.empty()) at.mistake("tenant_column", only_for_pool(placement));
    if (!placement.global_tables.empty()) at.mistake("global_tables", only_for_pool(placement));
}

void check_isolation(const SettingsReport& at, const Placement& placement, const Backend& backend) {
    std::string found = ", found \"" + std::string(name_of(placement.isolation)) + "\"";
    if (placement.model != Model::pool) {
        if (placement.isolation != Isolation::none)
            at.mistake("isolation", "model \"" + std::string(name_of(placement.model)) +
                                        "\" takes isolation \"none\": its tenants share no tables" + found);
        return;
    }
    if (backend.engine == Engine::mysql) {
        if (placement.isolation != Isolation::rewrite)
            at.mistake("isolation", "model \"pool\" on MySQL takes isolation \"rewrite\"" + found);
        return;
    }
    if (placement.isolation == Isolation::rewrite)
        at.mistake("isolation",
                   "\"rewrite\" is not available on PostgreSQL yet; use \"sealed\" or, with policies of your "
                   "own, \"guc\"");
    if (placement.isolation == Isolation::none)
        at.mistake("isolation", "model \"pool\" on PostgreSQL takes isolation \"sealed\" or \"guc\"" + found);
}

void check_context_keys(const SettingsReport& at, const Placement& placement) {
    if (placement.context_keys.size() > most_context_keys)
        at.mistake("context_keys",
                   "at most two keys, newest first; found " + std::to_string(placement.context_keys.size()));
    for (std::size_t i = 0; i < placement.context_keys.size(); ++i)
        if (placement.context_keys[i].size() < shortest_context_key)
            at.report.mistake(at.at("context_keys"), at.key("context_keys") + "[" + std::to_string(i) + "]",
                              "a key needs at least 16 bytes, this one has " +
                                  std::to_string(placement.context_keys[i].size()));
}

/// Without keys of their own, the tokens are as strong as the backend's password.
void check_key_material(const SettingsReport& at, const Placement& placement, const Backend& backend) {
    std::string password_key = key_of("backends", backend.name) + ".password";
    bool keys_are_wrong =
        at.report.reported(at.key("context_keys")) || at.report.reported(at.key("context_keys[0]"));
    if (!placement.context_keys.empty() || keys_are_wrong || at.report.reported(password_key)) return;
    if (backend.password.empty()) {
        at.mistake("context_keys", "isolation \"sealed\" signs its tokens: give context_keys here, or set " +
                                       password_key + ", from which a key is derived");
    } else if (backend.password.size() < shortest_key_password) {
        at.warning("context_keys",
                   "the signing key of placement " + in_quotes(placement.name) + " is derived from " +
                       password_key +
                       ", which is shorter than 16 characters; give context_keys or a longer password");
    }
}

/// "app.current_tenant": PostgreSQL takes only names with a dot for variables of ours.
bool is_variable_name(std::string_view name) {
    bool start = true, dotted = false;
    for (char c : name) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = c >= '0' && c <= '9';
        if (c == '.' && !start) {
            start = dotted = true;
            continue;
        }
        if (!letter && !(digit && !start)) return false;
        start = false;
    }
    return dotted && !start;
}

void check_context(const SettingsReport& at, const Placement& placement, const Backend& backend) {
    check_context_keys(at, placement);
    bool sealed = placement.isolation == Isolation::sealed && backend.engine == Engine::postgres;
    if (sealed) check_key_material(at, placement, backend);
    if (!sealed && at.given("context_keys"))
        at.warning("context_keys",
                   "has no effect with isolation \"" + std::string(name_of(placement.isolation)) + "\"");
    if (placement.isolation != Isolation::guc && at.given("context_variable"))
        at.warning("context_variable", "has no effect with isolation \"" +
                                           std::string(name_of(placement.isolation)) +
                                           "\"; it is for \"guc\"");
    if (!is_variable_name(placement.context_variable))
        at.mistake("context_variable", "expected a name with a dot, such as \"app.current_tenant\"; found " +
                                           shown(at.at("context_variable"), placement.context_variable));
    else if (placement.context_variable.starts_with("fairlead."))
        at.mistake("context_variable", "names that start with \"fairlead.\" are Fairlead's own");
}

void check_placement(const SettingsReport& at, const Placement& placement) {
    const Backend* backend = check_backend_reference(at, placement);
    bool model_known = !at.report.reported(at.key("model"));
    if (model_known) check_model(at, placement, backend);
    bool isolation_known = model_known && !at.report.reported(at.key("isolation"));
    if (backend == nullptr || !isolation_known) return;
    if (at.report.reported(key_of("backends", backend->name) + ".engine")) return;
    check_isolation(at, placement, *backend);
    check_context(at, placement, *backend);
}

}  // namespace

void check_placements(const Draft& draft, Report& report) {
    for (const Placement& placement : draft.settings.placements)
        check_placement({draft, report, key_of("placements", placement.name)}, placement);
}

}  // namespace fairlead::config::rules

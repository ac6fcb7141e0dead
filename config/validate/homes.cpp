#include "config/validate/entry_report.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace fairlead::config::rules {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

constexpr std::string_view postgres_databases[] = {"postgres", "template0", "template1"};
constexpr std::string_view mysql_databases[] = {"mysql", "information_schema", "performance_schema", "sys"};
constexpr std::string_view postgres_schemas[] = {"public", "information_schema", "fairlead"};

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::string_view (&names)[Count]) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Longer names are cut by PostgreSQL, so two tenants could meet in one; MySQL refuses them.
constexpr std::size_t longest_identifier(Engine engine) {
    return engine == Engine::mysql ? 64 : 63;
}

class HomeRules {
public:
    HomeRules(const Draft& draft, Report& report) : draft_(draft), report_(report) {
        for (const Placement& placement : draft.settings.placements)
            if (const Backend* backend = find_backend(draft, placement.backend))
                places_.emplace(placement.name, Place{&placement, backend, {}});
        for (const Placement& placement : draft.settings.placements) enter_fixed_database(placement);
        for (const Placement& placement : draft.settings.placements) check_account(placement);
    }

    void check(std::size_t i) {
        const Tenant& tenant = draft_.tenants[i];
        for (const std::string& name : tenant.placements) {
            auto place = places_.find(name);
            if (place == places_.end() || place->second.placement->model == Model::pool) continue;
            EntryReport at{report_, "tenants", draft_.tenant_sources[i]};
            if (place->second.placement->model == Model::silo)
                check_silo(at, tenant, place->second);
            else
                check_bridge(at, tenant, place->second);
        }
    }

private:
    struct Place {
        const Placement* placement;
        const Backend* backend;
        std::string_view silo_tenant;
    };

    /// Names of databases are the same on MySQL when they differ only in case, depending on the server's file
    /// system.
    static std::string database_key(const Backend& backend, std::string_view database) {
        std::string key = lower(backend.host) + ":" + std::to_string(backend.port) + "/";
        return key + (backend.engine == Engine::mysql ? lower(database) : std::string(database));
    }

    /// Databases with a name of their own, and who lives there. A silo has its database alone; pool
    /// placements and bridges by schema may share one.
    void enter_fixed_database(const Placement& placement) {
        auto place = places_.find(placement.name);
        if (place == places_.end() || placement.database.empty() || names_tenant(placement.database)) return;
        auto [first, fresh] =
            databases_.emplace(database_key(*place->second.backend, placement.database), &placement);
        if (fresh || (placement.model != Model::silo && first->second->model != Model::silo)) return;
        SettingsReport at{draft_, report_, key_of("placements", placement.name)};
        at.mistake("database", "is also the database of placement " + in_quotes(first->second->name) +
                                   "; a silo must have its database alone, since nothing filters rows there");
    }

    /// A statement names any database of a MySQL server, and a silo's statements are not confined.
    void check_account(const Placement& silo) {
        auto place = places_.find(silo.name);
        if (silo.model != Model::silo || place == places_.end()) return;
        const Backend& backend = *place->second.backend;
        if (backend.engine != Engine::mysql) return;
        for (const Placement& other : draft_.settings.placements) {
            auto found = places_.find(other.name);
            if (&other == &silo || found == places_.end()) continue;
            const Backend& shared = *found->second.backend;
            bool same = database_key(shared, {}) == database_key(backend, {}) && shared.user == backend.user;
            if (!same) continue;
            SettingsReport at{draft_, report_, key_of("placements", silo.name)};
            return at.warning("backend",
                              "is the server and account of placement " + in_quotes(other.name) +
                                  ", too: a silo's tenant sends any SQL, and so reaches that placement's "
                                  "databases; give it a server of its own, or an account with rights on its "
                                  "database alone");
        }
    }

    void check_silo(const EntryReport& at, const Tenant& tenant, Place& place) {
        if (place.silo_tenant.empty())
            place.silo_tenant = tenant.id;
        else if (place.silo_tenant != tenant.id)
            at.mistake(at.source.links, "placement",
                       "placement " + in_quotes(place.placement->name) +
                           " is a silo and already has tenant " + in_quotes(place.silo_tenant) +
                           "; a silo holds one tenant, since nothing filters rows there");
    }

    void check_bridge(const EntryReport& at, const Tenant& tenant, const Place& place) {
        const Placement& placement = *place.placement;
        Engine engine = place.backend->engine;
        bool by_schema = !names_tenant(placement.database);
        std::string name = expand_tenant(by_schema ? placement.schema : placement.database, tenant.id);
        std::string_view pattern = by_schema ? "schema" : "database";
        std::string what = std::string(pattern) + " " + shown_name(draft_, placement, pattern, name);
        if (name.size() > longest_identifier(engine))
            return at.mistake(at.source.links, "placement",
                              what + " of placement " + in_quotes(placement.name) + " is longer than " +
                                  std::to_string(longest_identifier(engine)) + " bytes");
        if (by_schema ? is_reserved_schema(name) : is_taken_database(*place.backend, name))
            return at.mistake(
                at.source.links, "placement",
                what + " of placement " + in_quotes(placement.name) + " is not the tenant's own");
        std::string key = database_key(*place.backend, by_schema ? placement.database : name);
        if (by_schema) key += "/" + name;
        auto [first, fresh] = owners_.emplace(std::move(key), tenant.id);
        if (!fresh && first->second != tenant.id)
            at.mistake(at.source.links, "placement",
                       what + " already belongs to tenant " + in_quotes(first->second));
    }

    static bool is_reserved_schema(std::string_view name) {
        return name.starts_with("pg_") || is_one_of(name, postgres_schemas);
    }

    bool is_taken_database(const Backend& backend, std::string_view name) const {
        bool system = backend.engine == Engine::mysql ? is_one_of(lower(name), mysql_databases)
                                                      : is_one_of(name, postgres_databases);
        return system || databases_.find(database_key(backend, name)) != databases_.end();
    }

    const Draft& draft_;
    Report& report_;
    std::unordered_map<std::string_view, Place> places_;
    std::unordered_map<std::string, const Placement*> databases_;
    std::unordered_map<std::string, std::string_view> owners_;  // bridge: database or schema -> tenant
};

}  // namespace

void check_homes(const Draft& draft, Report& report) {
    HomeRules rules(draft, report);
    for (std::size_t i = 0; i < draft.tenants.size(); ++i) rules.check(i);
}

}  // namespace fairlead::config::rules

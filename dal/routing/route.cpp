#include "dal/routing/route.h"

#include <optional>
#include <vector>

namespace fairlead::dal {

namespace {

/// All places of this tenant that this engine's clients can reach; without an engine all of them.
std::vector<route> places(const config::Snapshot& snapshot, const config::Tenant& tenant,
                          std::optional<config::Engine> engine) {
    std::vector<route> found;
    for (const std::string& name : tenant.placements) {
        const config::Placement* placement = snapshot.placement(name);
        const config::Backend* backend =
            placement == nullptr ? nullptr : snapshot.backend(placement->backend);
        if (backend == nullptr || (engine && backend->engine != *engine)) continue;
        const bool own_schema = placement->model == config::Model::bridge && !placement->schema.empty();
        found.push_back({&tenant, placement, backend, config::server_database(*placement, tenant.id),
                         own_schema ? config::expand_tenant(placement->schema, tenant.id) : std::string(),
                         config::exposed_database(*placement, tenant.id)});
    }
    return found;
}

/// What a PostgreSQL client sends as database when its user gave none: the user name as it was typed.
bool is_default(std::string_view database, const config::User& user, const identity_labels& labels) {
    if (database.empty() || database == user.name) return true;
    return labels.user_suffix && database == user.name + "." + *labels.user_suffix;
}

std::string exposed_names(const std::vector<route>& there) {
    std::string names;
    for (const route& place : there) names += (names.empty() ? "" : ", ") + place.exposed_database;
    return names;
}

route_error no_such_database(std::string_view database, config::Engine engine,
                             const std::vector<route>& there) {
    std::string hint = exposed_names(there);
    hint = hint.empty() ? "This tenant has no placement on this kind of database server."
                        : "Databases of this tenant: " + hint + ".";
    const std::string name(database);
    if (engine == config::Engine::mysql) return {"42000", "Unknown database '" + name + "'", hint};
    return {"3D000", "database \"" + name + "\" does not exist", hint};
}

}  // namespace

Result<route, route_error> resolve_route(const config::Snapshot& snapshot, const config::User& user,
                                         const identity_labels& labels, config::Engine engine,
                                         std::string_view database) {
    auto tenant = resolve_tenant(snapshot, user, labels, engine);
    if (!tenant) return tenant.error();
    const std::vector<route> there = places(snapshot, **tenant, engine);
    const route* match = nullptr;
    for (const route& place : there) {
        if (place.exposed_database != database) continue;
        if (match != nullptr)
            return no_such_database(database, engine, there);  // ambiguous: validation forbids it
        match = &place;
    }
    if (match == nullptr && there.size() == 1 && is_default(database, user, labels)) match = &there.front();
    if (match == nullptr) return no_such_database(database, engine, there);
    return *match;
}

Result<route, route_error> resolve_place(const config::Snapshot& snapshot, std::string_view tenant_id,
                                         std::string_view database) {
    const config::Tenant* tenant = snapshot.tenant(tenant_id);
    const std::string who = "tenant \"" + std::string(tenant_id) + "\"";
    if (tenant == nullptr)
        return route_error{"28000", who + " does not exist", "Check its name, and the tenant directory."};
    const std::vector<route> there = places(snapshot, *tenant, std::nullopt);
    if (there.empty()) return route_error{"3D000", who + " has no placement", "Give it one."};
    std::vector<const route*> exposed, named;
    for (const route& place : there) {
        if (database.empty() || place.exposed_database == database) exposed.push_back(&place);
        if (place.placement->name == database) named.push_back(&place);
    }
    if (exposed.size() == 1) return *exposed.front();
    if (named.size() == 1) return *named.front();
    if (exposed.empty()) {
        return route_error{"3D000", who + " has no database \"" + std::string(database) + "\"",
                           "Databases of this tenant: " + exposed_names(there) + "."};
    }
    std::string placements;
    for (const route* place : exposed)
        placements += (placements.empty() ? "" : ", ") + place->placement->name;
    return route_error{"3D000", who + " has more than one such database",
                       "Name one of: " + (database.empty() ? exposed_names(there) : placements) + "."};
}

}  // namespace fairlead::dal

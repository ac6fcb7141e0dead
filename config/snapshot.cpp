#include "config/snapshot.h"

#include <algorithm>

namespace fairlead::config {

namespace {

/// Backends and placements are few (tens), so a linear search beats a hash table and needs no index.
template <typename Item>
const Item* find_by_name(const std::vector<Item>& items, std::string_view name) {
    auto found =
        std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

template <typename Item>
const Item* find_by_index(const std::vector<Item>& items,
                          const std::unordered_map<std::string_view, std::uint32_t>& index,
                          std::string_view name) {
    auto found = index.find(name);
    return found == index.end() ? nullptr : &items[found->second];
}

}  // namespace

Snapshot::Snapshot(Settings settings, std::vector<Tenant> tenants, std::vector<User> users,
                   std::uint64_t generation)
    : settings_(std::move(settings)),
      tenants_(std::move(tenants)),
      users_(std::move(users)),
      generation_(generation) {
    tenant_index_.reserve(tenants_.size());
    for (std::uint32_t i = 0; i < tenants_.size(); ++i) tenant_index_.emplace(tenants_[i].id, i);
    user_index_.reserve(users_.size());
    for (std::uint32_t i = 0; i < users_.size(); ++i) user_index_.emplace(users_[i].name, i);
}

const Tenant* Snapshot::tenant(std::string_view id) const {
    return find_by_index(tenants_, tenant_index_, id);
}

const User* Snapshot::user(std::string_view name) const {
    return find_by_index(users_, user_index_, name);
}

const Backend* Snapshot::backend(std::string_view name) const {
    return find_by_name(settings_.backends, name);
}

const Placement* Snapshot::placement(std::string_view name) const {
    return find_by_name(settings_.placements, name);
}

std::string expand_tenant(std::string_view pattern, std::string_view tenant_id) {
    constexpr std::string_view mark = "{id}";
    std::string expanded;
    expanded.reserve(pattern.size() + tenant_id.size());
    for (;;) {
        auto at = pattern.find(mark);
        expanded.append(pattern.substr(0, at));
        if (at == std::string_view::npos) return expanded;
        expanded.append(tenant_id);
        pattern.remove_prefix(at + mark.size());
    }
}

std::string server_database(const Placement& placement, std::string_view tenant_id) {
    return expand_tenant(placement.database, tenant_id);
}

std::string exposed_database(const Placement& placement, std::string_view tenant_id) {
    return expand_tenant(placement.expose_as.empty() ? placement.database : placement.expose_as, tenant_id);
}

std::vector<std::string> bridge_schemas(const Settings& settings, std::string_view backend,
                                        std::string_view database) {
    std::vector<std::string> patterns;
    for (const Placement& placement : settings.placements) {
        bool here = placement.model == Model::bridge && placement.backend == backend &&
                    placement.database == database;
        if (here && !placement.schema.empty()) patterns.push_back(placement.schema);
    }
    return patterns;
}

std::vector<std::string> databases_of(const Settings& settings, std::string_view backend) {
    std::vector<std::string> names;
    for (const Placement& placement : settings.placements) {
        bool known = std::find(names.begin(), names.end(), placement.database) != names.end();
        if (placement.backend == backend && !known) names.push_back(placement.database);
    }
    return names;
}

std::string sample_database(const Snapshot& snapshot, const Placement& placement) {
    if (placement.database.find("{id}") == std::string::npos) return placement.database;
    for (const Tenant& tenant : snapshot.tenants()) {
        for (const std::string& name : tenant.placements) {
            if (name == placement.name) return server_database(placement, tenant.id);
        }
    }
    return {};
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
    constexpr std::string_view id = "{id}";
    std::size_t at = pattern.find(id);
    if (at == std::string_view::npos) return pattern == name;
    std::string_view before = pattern.substr(0, at);
    std::string_view after = pattern.substr(at + id.size());
    return name.size() > before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

}  // namespace fairlead::config

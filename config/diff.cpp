#include "config/diff.h"

#include <utility>

namespace fairlead::config {

namespace {

/// Whether connections opened under `before` still lead, as the same account, to the same server under
/// `after`.
bool connections_stay(const Backend& before, const Backend& after) {
    return before.engine == after.engine && before.host == after.host && before.port == after.port &&
           before.user == after.user && before.password == after.password && before.tls == after.tls &&
           before.minimum_server_version == after.minimum_server_version;
}

BackendChanges compare_backends(const Snapshot& before, const Snapshot& after) {
    BackendChanges changes;
    for (const Backend& backend : after.settings().backends) {
        const Backend* old = before.backend(backend.name);
        if (old == nullptr)
            changes.added.push_back(backend.name);
        else if (!connections_stay(*old, backend))
            changes.reconnect.push_back(backend.name);
        else if (*old != backend)
            changes.limits.push_back(backend.name);
    }
    for (const Backend& backend : before.settings().backends)
        if (after.backend(backend.name) == nullptr) changes.removed.push_back(backend.name);
    return changes;
}

PlacementChanges compare_placements(const Snapshot& before, const Snapshot& after) {
    PlacementChanges changes;
    for (const Placement& placement : after.settings().placements) {
        const Placement* old = before.placement(placement.name);
        if (old == nullptr)
            changes.added.push_back(placement.name);
        else if (*old != placement)
            changes.changed.push_back(placement.name);
    }
    for (const Placement& placement : before.settings().placements)
        if (after.placement(placement.name) == nullptr) changes.removed.push_back(placement.name);
    return changes;
}

void compare_listener(const std::string& name, const Listen& before, const Listen& after,
                      std::vector<std::string>& out) {
    const char* until = " changed: takes effect with the next start";
    if (before.address != after.address) out.push_back("listen." + name + ".address" + until);
    if (before.tls != after.tls) out.push_back("listen." + name + ".tls" + until);
    if (before.auth != after.auth) out.push_back("listen." + name + ".auth" + until);
    if (before.sni_suffix != after.sni_suffix) out.push_back("listen." + name + ".sni_suffix" + until);
}

std::vector<std::string> compare_fixed(const Settings& before, const Settings& after) {
    std::vector<std::string> out;
    compare_listener("postgres", before.postgres, after.postgres, out);
    compare_listener("mysql", before.mysql, after.mysql, out);
    if (before.admin != after.admin) out.push_back("admin changed: takes effect with the next start");
    if (before.proxy.workers != after.proxy.workers)
        out.push_back("proxy.workers changed: takes effect with the next start");
    if (before.proxy.guard_cache_bytes != after.proxy.guard_cache_bytes)
        out.push_back("proxy.guard_cache_bytes changed: takes effect with the next start");
    if (before.proxy.max_client_connections != after.proxy.max_client_connections)
        out.push_back("proxy.max_client_connections changed: takes effect with the next start");
    if (before.proxy.max_startup_connections != after.proxy.max_startup_connections)
        out.push_back("proxy.max_startup_connections changed: takes effect with the next start");
    if (before.log.format != after.log.format)
        out.push_back("log.format changed: takes effect with the next start");
    return out;
}

/// `change(name)` tells what happened to one entry; None, Added and Removed are its values for those cases.
template <typename Entries, typename NameOf, typename Change, typename Kind>
EntryCounts count(const Entries& before, const Entries& after, NameOf name_of, Change change, Kind none,
                  Kind added, Kind removed) {
    EntryCounts counts;
    for (const auto& entry : after) {
        Kind kind = change(name_of(entry));
        if (kind == added)
            ++counts.added;
        else if (kind != none)
            ++counts.changed;
    }
    for (const auto& entry : before)
        if (change(name_of(entry)) == removed) ++counts.removed;
    return counts;
}

}  // namespace

SnapshotDiff::SnapshotDiff(SnapshotPtr before, SnapshotPtr after)
    : before_(std::move(before)),
      after_(std::move(after)),
      backends_(compare_backends(*before_, *after_)),
      placements_(compare_placements(*before_, *after_)),
      needs_restart_(compare_fixed(before_->settings(), after_->settings())) {}

TenantChange SnapshotDiff::tenant(std::string_view id) const {
    const Tenant* old = before_->tenant(id);
    const Tenant* now = after_->tenant(id);
    if (old == nullptr) return now == nullptr ? TenantChange::none : TenantChange::added;
    if (now == nullptr) return TenantChange::removed;
    if (old->placements != now->placements) return TenantChange::placement;
    return *old == *now ? TenantChange::none : TenantChange::limits;
}

UserChange SnapshotDiff::user(std::string_view name) const {
    const User* old = before_->user(name);
    const User* now = after_->user(name);
    if (old == nullptr) return now == nullptr ? UserChange::none : UserChange::added;
    if (now == nullptr) return UserChange::removed;
    return *old == *now ? UserChange::none : UserChange::changed;
}

EntryCounts SnapshotDiff::count_tenants() const {
    return count(
        before_->tenants(), after_->tenants(), [](const Tenant& t) -> std::string_view { return t.id; },
        [this](std::string_view id) { return tenant(id); }, TenantChange::none, TenantChange::added,
        TenantChange::removed);
}

EntryCounts SnapshotDiff::count_users() const {
    return count(
        before_->users(), after_->users(), [](const User& u) -> std::string_view { return u.name; },
        [this](std::string_view name) { return user(name); }, UserChange::none, UserChange::added,
        UserChange::removed);
}

}  // namespace fairlead::config

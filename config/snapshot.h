#pragma once

#include "config/settings.h"

#include <memory>
#include <string_view>
#include <unordered_map>

namespace fairlead::config {

struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename Value>
using NameMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

/// One validated, immutable version of settings, tenants and users. Shared by `std::shared_ptr<const
/// Snapshot>`; a reload makes a new one and never touches the old. Thread-safe, since it is never written
/// after construction. Pointers that the look-ups return live as long as the snapshot.
class Snapshot {
public:
    /// The arguments must have passed validation (config/validate.h); `generation` grows by one with each
    /// reload.
    Snapshot(Settings settings, std::vector<Tenant> tenants, std::vector<User> users,
             std::uint64_t generation);
    Snapshot(const Snapshot&) = delete;  // the indexes point into the vectors of this very object
    Snapshot& operator=(const Snapshot&) = delete;

    const Settings& settings() const { return settings_; }
    std::uint64_t generation() const { return generation_; }
    std::size_t tenant_count() const { return tenants_.size(); }

    const Tenant* tenant(std::string_view id) const;
    const User* user(std::string_view name) const;
    const Backend* backend(std::string_view name) const;
    const Placement* placement(std::string_view name) const;

    /// In file order; for the few places that must walk all of them (start-up, `fairlead estate`).
    const std::vector<Tenant>& tenants() const { return tenants_; }
    const std::vector<User>& users() const { return users_; }

private:
    Settings settings_;
    std::vector<Tenant> tenants_;
    std::vector<User> users_;
    std::uint64_t generation_;
    std::unordered_map<std::string_view, std::uint32_t> tenant_index_;
    std::unordered_map<std::string_view, std::uint32_t> user_index_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// `pattern` with "{id}" replaced by the tenant id ("tenant_{id}", "acme" -> "tenant_acme").
std::string expand_tenant(std::string_view pattern, std::string_view tenant_id);

/// The database on the server where this tenant of this placement lives.
std::string server_database(const Placement& placement, std::string_view tenant_id);

/// Schema patterns ("tenant_{id}") of the bridge placements that live in one database.
std::vector<std::string> bridge_schemas(const Settings& settings, std::string_view backend,
                                        std::string_view database);

/// What the placements of a backend call their databases, {id} included; each once.
std::vector<std::string> databases_of(const Settings& settings, std::string_view backend);

/// A database of the placement to look at when it is verified: of a bridge by database that of its first
/// tenant; empty when it has none yet.
std::string sample_database(const Snapshot& snapshot, const Placement& placement);

/// Whether `name` is `pattern` for some tenant id.
bool matches_pattern(std::string_view pattern, std::string_view name);

/// The database name by which clients of this tenant ask for this placement.
std::string exposed_database(const Placement& placement, std::string_view tenant_id);

}  // namespace fairlead::config

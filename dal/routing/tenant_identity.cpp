#include "dal/routing/tenant_identity.h"

#include <algorithm>
#include <array>

namespace fairlead::dal {

namespace {

constexpr auto invalid_authorization = "28000";

/// The one name that all present labels agree on.
struct agreed_label {
    const std::string* name = nullptr;  // null: no label
    bool contradiction = false;

    void add(const std::string& label) {
        if (name != nullptr && *name != label) contradiction = true;
        if (name == nullptr) name = &label;
    }
};

agreed_label agree(const identity_labels& labels, bool set_command_replaces) {
    agreed_label agreed;
    for (const std::string& label : labels.certificate) agreed.add(label);
    if (labels.set_command) agreed.add(*labels.set_command);
    if (set_command_replaces && labels.set_command) return agreed;
    const std::array<const std::optional<std::string>*, 4> chosen = {
        &labels.user_suffix, &labels.startup_option, &labels.sni, &labels.connection_attribute};
    for (const auto* label : chosen) {
        if (*label) agreed.add(**label);
    }
    return agreed;
}

route_error no_tenant_named(const config::User& user, config::Engine engine) {
    std::string how = engine == config::Engine::postgres
                          ? "or with the option -c fairlead.tenant=TENANT"
                          : "or with the connection attribute fairlead_tenant=TENANT";
    return {invalid_authorization, "no tenant named for user \"" + user.name + "\"",
            "This user serves several tenants: connect as \"" + user.name + ".TENANT\", " + how + "."};
}

route_error labels_disagree(const config::User& user) {
    return {
        invalid_authorization, "the tenant names given for user \"" + user.name + "\" disagree",
        "User name suffix, options, connection attributes, TLS server name and client certificate must all "
        "name the same tenant."};
}

route_error not_allowed(const config::User& user, const std::string& tenant) {
    return {invalid_authorization, "tenant \"" + tenant + "\" is not allowed for user \"" + user.name + "\"",
            "Check the tenant's name, and `tenants` of this user in the proxy's configuration."};
}

}  // namespace

Result<const config::Tenant*, route_error> resolve_tenant(const config::Snapshot& snapshot,
                                                          const config::User& user,
                                                          const identity_labels& labels,
                                                          config::Engine engine) {
    const bool bound_to_one = !user.any_tenant && user.tenants.size() == 1;
    const agreed_label agreed = agree(labels, !bound_to_one);
    if (agreed.contradiction) return labels_disagree(user);
    if (agreed.name == nullptr && !bound_to_one) return no_tenant_named(user, engine);
    const std::string& name = agreed.name != nullptr ? *agreed.name : user.tenants.front();
    const bool allowed =
        user.any_tenant || std::find(user.tenants.begin(), user.tenants.end(), name) != user.tenants.end();
    const config::Tenant* tenant = snapshot.tenant(name);
    if (!allowed || tenant == nullptr) return not_allowed(user, name);
    return tenant;
}

std::optional<std::string> tenant_of_server_name(std::string_view name, std::string_view suffix) {
    if (suffix.empty() || name.size() <= suffix.size() + 1 || !name.ends_with(suffix)) return std::nullopt;
    std::string_view label = name.substr(0, name.size() - suffix.size());
    if (label.back() != '.') return std::nullopt;
    label.remove_suffix(1);
    return std::string(label);
}

}  // namespace fairlead::dal

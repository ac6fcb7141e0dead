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
};

agreed_label agree(const identity_labels& labels, bool set_command_replaces) {
    if (set_command_replaces && labels.set_command) return {&*labels.set_command, false};
    const std::array<const std::optional<std::string>*, 6> all = {
        &labels.user_suffix, &labels.startup_option, &labels.sni,
        &labels.certificate, &labels.set_command,    &labels.connection_attribute};
    agreed_label agreed;
    for (const auto* label : all) {
        if (!*label) continue;
        if (agreed.name != nullptr && *agreed.name != **label) agreed.contradiction = true;
        if (agreed.name == nullptr) agreed.name = &**label;
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

}  // namespace fairlead::dal

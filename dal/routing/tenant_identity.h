#pragma once

#include "common/result.h"
#include "config/snapshot.h"
#include "dal/routing/route_error.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// Everything by which a client may have named its tenant. nullopt: not said. Said but empty names the tenant
/// "", which does not exist.
struct identity_labels {
    std::optional<std::string> user_suffix;           // "app.acme" -> "acme"
    std::optional<std::string> startup_option;        // -c fairlead.tenant=acme (PostgreSQL)
    std::optional<std::string> sni;                   // acme.<sni_suffix>, suffix removed
    std::vector<std::string> certificate;             // each that the client's names; empty: none
    std::optional<std::string> set_command;           // SET fairlead.tenant = 'acme', between transactions
    std::optional<std::string> connection_attribute;  // fairlead_tenant (MySQL)
};

/// The tenant that a TLS server name names: "acme.db.example.com" under the suffix "db.example.com" ->
/// "acme". nullopt: the name does not end in the suffix, or there is none.
std::optional<std::string> tenant_of_server_name(std::string_view name, std::string_view suffix);

/// Which tenant an authenticated user is. Fails closed:
/// - a user bound to one tenant is that tenant; a label may repeat it, nothing else;
/// - a user bound to several, or to "*", must name one, among its own;
/// - labels that differ are refused, even if one of them would do;
/// - `set_command` comes later than the others and replaces those that the client chose itself, for a user
///   that may choose; for a bound user it is one more label that has to agree. A certificate is never
///   replaced: whoever signed it gave it for this tenant;
/// - a tenant that does not exist is refused with the words of one that is not allowed, so that nobody can
///   ask which tenants there are.
/// The result lives as long as the snapshot. Thread-safe.
Result<const config::Tenant*, route_error> resolve_tenant(const config::Snapshot& snapshot,
                                                          const config::User& user,
                                                          const identity_labels& labels,
                                                          config::Engine engine);

}  // namespace fairlead::dal

#include "dal/estate/mysql/guard_scope.h"

#include <utility>

namespace fairlead::dal::mysql {

policy::mysql::GuardScope make_guard_scope(const config::Placement& placement, const ServerFacts& server,
                                           policy::CataloguePtr catalogue) {
    policy::mysql::GuardScope scope;
    scope.model = placement.model;
    scope.session_pooling = placement.pooling == config::Pooling::session;
    scope.tenant_column = placement.tenant_column;
    scope.allowed_functions = placement.allowed_functions;
    scope.server = server.flavour;
    scope.server_version = server.version;
    scope.lower_case_table_names = server.lower_case_table_names;
    scope.catalogue = std::move(catalogue);
    return scope;
}

}  // namespace fairlead::dal::mysql

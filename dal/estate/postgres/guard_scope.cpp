#include "dal/estate/postgres/guard_scope.h"

#include <utility>

namespace fairlead::dal::postgres {

policy::postgres::GuardScope make_guard_scope(const config::Placement& placement,
                                              policy::CataloguePtr catalogue) {
    policy::postgres::GuardScope scope;
    scope.model = placement.model;
    scope.isolation = placement.isolation;
    scope.session_pooling = placement.pooling == config::Pooling::session;
    scope.bridge_by_schema = placement.model == config::Model::bridge && !placement.schema.empty();
    scope.tenant_column = placement.tenant_column;
    scope.context_variable = placement.context_variable;
    scope.allowed_functions = placement.allowed_functions;
    scope.catalogue = std::move(catalogue);
    return scope;
}

}  // namespace fairlead::dal::postgres

#include "proxy/worker/postgres/placement_scope_maker.h"

namespace fairlead::proxy::worker {
namespace {

postgres::context_kind context_of(const config::Placement& placement) {
    if (placement.model == config::Model::bridge && !placement.schema.empty()) {
        return postgres::context_kind::search_path;
    }
    if (placement.model != config::Model::pool) return postgres::context_kind::none;
    return placement.isolation == config::Isolation::guc ? postgres::context_kind::variable
                                                         : postgres::context_kind::sealed;
}

}  // namespace

std::shared_ptr<const postgres::placement_scope> make_placement_scope(const config::Placement& placement,
                                                                      policy::CataloguePtr catalogue) {
    auto scope = std::make_shared<postgres::placement_scope>();
    scope->name = placement.name;
    scope->context = context_of(placement);
    scope->context_variable = placement.context_variable;
    scope->session_pooling = placement.pooling == config::Pooling::session;
    scope->guard.model = placement.model;
    scope->guard.isolation = placement.isolation;
    scope->guard.session_pooling = scope->session_pooling;
    scope->guard.bridge_by_schema = scope->context == postgres::context_kind::search_path;
    scope->guard.tenant_column = placement.tenant_column;
    scope->guard.context_variable = placement.context_variable;
    scope->guard.allowed_functions = placement.allowed_functions;
    scope->guard.catalogue = std::move(catalogue);
    return scope;
}

}  // namespace fairlead::proxy::worker

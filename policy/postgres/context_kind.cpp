#include "policy/postgres/context_kind.h"

namespace fairlead::policy::postgres {

context_kind context_of(const GuardScope& scope) {
    if (scope.bridge_by_schema) return context_kind::search_path;
    if (scope.model != config::Model::pool) return context_kind::none;
    return scope.isolation == config::Isolation::guc ? context_kind::variable : context_kind::sealed;
}

}  // namespace fairlead::policy::postgres

#pragma once

#include "config/settings.h"
#include "policy/postgres/context_kind.h"
#include "policy/postgres/guard.h"
#include "policy/postgres/sealed_context.h"

#include <memory>
#include <string>

namespace fairlead::proxy::postgres {

using policy::postgres::context_kind;

/// What the sessions of one placement share; immutable, replaced as a whole when the catalogue or the
/// settings change.
struct placement_scope {
    std::string name;
    policy::postgres::GuardScope guard;
    context_kind context = context_kind::none;
    std::string context_variable;
    bool session_pooling = false;
    /// Whether texts that the guard cannot read may pass (own server, nobody else to harm).
    bool passes_unread() const { return guard.model == config::Model::silo; }
    /// Bridge by schema: names are resolved at Parse, so the search_path must be in force there already.
    bool context_before_parse() const { return context == context_kind::search_path; }
};

/// Where sessions find the current scope of their placement; stays in place while its content is replaced.
/// One per worker and placement, so no synchronisation. `current` null: the placement is gone or refused.
struct placement_slot {
    std::shared_ptr<const placement_scope> current;
    std::unique_ptr<policy::postgres::ContextSealer> sealer;  // sealed placements
};

}  // namespace fairlead::proxy::postgres

#pragma once

#include "policy/mysql/guard.h"
#include "policy/mysql/hidden_code.h"

#include <memory>
#include <string>

namespace fairlead::proxy::mysql {

/// What the sessions of one placement share; immutable, replaced as a whole when the catalogue or the
/// settings change.
struct placement_scope {
    std::string name;
    policy::mysql::GuardScope guard;
    /// @@global.sql_mode of the backend: what a session has that sets none, and so how its texts are read.
    std::string sql_mode;
    bool session_pooling = false;
    policy::mysql::HiddenCode hidden_code;

    /// Other tenants live in the same tables: server texts that may carry values are masked, and so on.
    bool shared_tables() const { return guard.model == config::Model::pool; }
    /// Own server, nobody else to harm: other databases may be used.
    bool own_server() const { return guard.model == config::Model::silo; }
};

/// Where sessions find the current scope of their placement; stays in place while its content is replaced.
/// One per worker and placement, so no synchronisation. `current` null: the placement is gone or refused.
struct placement_slot {
    std::shared_ptr<const placement_scope> current;
};

}  // namespace fairlead::proxy::mysql

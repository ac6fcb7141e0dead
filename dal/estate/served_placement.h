#pragma once

#include "policy/mysql/guard.h"
#include "policy/mysql/hidden_code.h"
#include "policy/postgres/guard.h"
#include "policy/postgres/sealed_context.h"

#include <memory>
#include <string>

namespace fairlead::dal {

/// A placement of PostgreSQL as its statements are guarded.
struct served_by_postgres {
    std::shared_ptr<const policy::postgres::GuardScope> scope;  // null: refused, or of the other engine
    std::shared_ptr<const policy::postgres::ContextKey> key;    // sealed only: the one that signs
};

/// A placement of MySQL or MariaDB as its statements are guarded.
struct served_by_mysql {
    std::shared_ptr<const policy::mysql::GuardScope> scope;  // null: refused, or of the other engine
    /// @@sql_mode of a session that sets none, and so how its texts are read.
    std::string sql_mode;
    policy::mysql::HiddenCode hidden_code;
};

/// Whether a placement may be served (invariant I7), and what its sessions go by. A value; what it points at
/// is immutable, and stays the same object from check to check while its content does, so that caches and
/// sessions may compare addresses. Address and content are only kept apart by whoever holds the pointer: an
/// address may be used again when the last holder is gone.
struct served_placement {
    std::string name;
    std::string backend;
    std::string refusal;         // for the operator: names tables, roles and addresses; empty: it is served
    std::string client_refusal;  // what clients are told when it is refused
    served_by_postgres postgres;
    served_by_mysql mysql;

    bool served() const { return postgres.scope != nullptr || mysql.scope != nullptr; }
};

/// Gives `fresh` the objects of `known` where their content is the same. Catalogues are compared by their
/// epochs, everything else in full.
void keep_unchanged(served_placement& fresh, const served_placement& known);

/// Whether clients and operators would notice no difference, after keep_unchanged().
bool serve_alike(const served_placement& a, const served_placement& b);

}  // namespace fairlead::dal

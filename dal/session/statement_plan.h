#pragma once

#include "dal/driver/server_session.h"
#include "dal/session/statement_guard.h"
#include "fairlead/error.h"
#include "fairlead/statement.h"
#include "policy/verdict.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// A statement that may be sent, with what is known of it. Movable with its texts only while it is not in
/// use: `sql` and `arguments` point into what it holds or into the caller's statement.
struct statement_plan {
    const policy::Verdict& verdict() const { return *judged->verdict; }

    judged_ptr judged;
    std::string_view sql;
    std::span<const Argument> arguments;
    /// It leaves something in the session: the connection must be reset before anybody else gets it.
    bool leaves_state = false;

    // What `sql` and `arguments` may point into, besides `judged`.
    std::shared_ptr<const policy::named_text> named;
    std::vector<Argument> bound;
};

/// Fills `plan`, or `failed`: refused (with rule, remedy and position; nothing was sent), or a mistake with
/// placeholders. `plan` may be used again and keeps its capacity. `statement` must outlive it.
bool make_plan(statement_guard& guard, const tenant_home& home, const Statement& statement,
               statement_plan& plan, Diagnostics& failed);

/// What the server is sent; views into `plan`. Its context is not in it yet.
StatementJob make_job(const statement_plan& plan, const tenant_home& home, bool keep_prepared);

}  // namespace fairlead::dal

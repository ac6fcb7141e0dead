#pragma once

#include "config/settings.h"
#include "fairlead/error.h"
#include "policy/verdict.h"

#include <string_view>

namespace fairlead::dal {

/// Whether a text that the guard has judged may be a statement of a call. What the guard lets pass for a
/// client of the proxy, which does something about it, a library cannot always run (BEGIN, PREPARE, COPY).
/// False: see `failed`.
bool may_be_called(config::Engine engine, std::string_view sql, const policy::Verdict& verdict,
                   Diagnostics& failed);

/// Whether it leaves something in its session, as far as its text tells.
bool leaves_state(const policy::Verdict& verdict);

}  // namespace fairlead::dal

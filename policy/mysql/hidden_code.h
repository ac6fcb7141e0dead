#pragma once

#include "policy/verdict.h"

namespace fairlead::policy::mysql {

/// Code stored on the server that a statement may run without naming it. What it leaves in the session (a
/// user variable that it assigned with SELECT ... INTO, or before the statement failed) the server does not
/// report (measured), so nobody else may run on such a connection before it was reset.
struct HiddenCode {
    bool behind_writes = true;  // triggers, and what is behind reads
    bool behind_reads = true;   // stored functions, which a view may call

    bool may_run(const Verdict& verdict) const {
        return verdict.needs_context && (verdict.writes ? behind_writes : behind_reads);
    }

    bool operator==(const HiddenCode&) const = default;
};

}  // namespace fairlead::policy::mysql

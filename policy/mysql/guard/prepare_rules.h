#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// PREPARE, EXECUTE and DEALLOCATE as statements, EXECUTE IMMEDIATE. On a server of the tenant's own they
/// pass unread. Elsewhere the text in PREPARE has to be one literal: it is judged as a statement prepared by
/// the protocol is, and goes on rewritten, in a literal again; EXECUTE and DEALLOCATE become session
/// commands, since only the session knows whose statement a name is. `only`: the text holds nothing else.
void check_prepared_text(analysis& a, const parse::statement& statement, bool only);

}  // namespace fairlead::policy::mysql::guard

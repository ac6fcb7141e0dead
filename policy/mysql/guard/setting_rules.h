#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// SET of variables and character sets: what may be set, and what the proxy has to remember. `only`: the text
/// holds nothing else, so the tenant can be named.
void check_set(analysis& a, const parse::statement& statement, bool only);

/// SET STATEMENT a = b FOR ...: the variables; the inner statement is judged by itself.
void check_set_statement(analysis& a, const parse::statement& statement);

/// SET [SESSION | GLOBAL] TRANSACTION ...
void check_set_transaction(analysis& a, const parse::statement& statement);

}  // namespace fairlead::policy::mysql::guard

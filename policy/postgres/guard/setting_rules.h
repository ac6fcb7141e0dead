#pragma once

#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

class walker;
class analysis;

/// SET, RESET, SET TRANSACTION, SET SESSION CHARACTERISTICS. True: the text is SET fairlead.tenant = '...',
/// and the verdict's command fields are filled.
void check_set(analysis& a, const PgQuery__VariableSetStmt& statement);
void check_show(analysis& a, const PgQuery__VariableShowStmt& statement);

/// set_config() and current_setting().
void check_setting_function(walker& w, const PgQuery__FuncCall& function);

/// Before a top-level SELECT is walked: accepts set_config() calls with constant arguments that stand for
/// themselves in the select list of a SELECT without FROM or conditions, where each is executed exactly once.
/// asyncpg sends such.
void accept_plain_set_config(walker& w, const PgQuery__SelectStmt& select);

}  // namespace fairlead::policy::postgres::guard

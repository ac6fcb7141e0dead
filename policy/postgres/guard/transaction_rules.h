#pragma once

#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

class analysis;

/// BEGIN to ROLLBACK PREPARED. True: the statement needs the tenant's context.
bool check_transaction(analysis& a, const PgQuery__TransactionStmt& statement);

}  // namespace fairlead::policy::postgres::guard

#pragma once

#include "policy/postgres/guard/tree.h"

#include <cstdint>

namespace fairlead::policy::postgres::guard {

class analysis;
class walker;

/// PREPARE, EXECUTE and DEALLOCATE, whose names the proxy replaces: `begin` is the statement's byte offset.
void check_prepare(walker& w, const PgQuery__PrepareStmt& statement, std::uint32_t begin);
void check_execute(walker& w, const PgQuery__ExecuteStmt& statement, std::uint32_t begin);
void check_deallocate(analysis& a, const PgQuery__DeallocateStmt& statement, std::uint32_t begin);
void check_discard(analysis& a, const PgQuery__DiscardStmt& statement);
void check_declare_cursor(walker& w, const PgQuery__DeclareCursorStmt& statement);

}  // namespace fairlead::policy::postgres::guard

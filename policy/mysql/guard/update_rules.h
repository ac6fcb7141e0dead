#pragma once

#include "policy/mysql/guard/analysis.h"

#include <string_view>

namespace fairlead::policy::mysql::guard {

/// UPDATE and DELETE of shared tables: only tenants' tables are written, and no row changes its tenant. The
/// filters are put by filter_tables(). Needs resolve_tables() before.
void check_update(analysis& a, const parse::statement& statement);
void check_delete(analysis& a, const parse::statement& statement);

/// ON DUPLICATE KEY UPDATE does not move the row to another tenant.
void check_duplicate_update(analysis& a, const parse::statement& statement);

/// `what` meets existing rows by any unique key: all of them must hold the tenant. Refuses otherwise.
bool check_keys(analysis& a, const Relation& relation, std::string_view what, token_index at);

}  // namespace fairlead::policy::mysql::guard

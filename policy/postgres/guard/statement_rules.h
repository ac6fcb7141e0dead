#pragma once

#include "policy/postgres/guard/analysis.h"
#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

/// Judges one statement of a text and fills the verdict's traits. `begin`: its byte offset in the text.
/// True: the statement needs the tenant's context.
bool check_statement(analysis& a, const tree_node& statement, std::uint32_t begin);

}  // namespace fairlead::policy::postgres::guard

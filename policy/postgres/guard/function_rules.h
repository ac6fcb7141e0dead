#pragma once

#include "policy/postgres/guard/tree.h"

namespace fairlead::policy::postgres::guard {

class walker;

/// Tree rule for function calls: allow-list by identity.
void on_function_call(walker& w, const tree_node& node);

}  // namespace fairlead::policy::postgres::guard

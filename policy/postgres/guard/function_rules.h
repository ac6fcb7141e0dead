#pragma once

#include "policy/postgres/guard/tree.h"

#include <string_view>

namespace fairlead::policy::postgres::guard {

class walker;

/// Tree rule for function calls: allow-list by identity.
void on_function_call(walker& w, const tree_node& node);

/// `(value).name`, which is name(value) if PostgreSQL finds no column of that name: judged as the call.
void check_attribute_call(walker& w, std::string_view name, int location);

}  // namespace fairlead::policy::postgres::guard

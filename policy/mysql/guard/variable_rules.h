#pragma once

#include "policy/mysql/guard/analysis.h"

#include <string>

namespace fairlead::policy::mysql::guard {

/// `@@name`, `@@session.name`, `@@global.name` in an expression.
void check_variable_read(analysis& a, const node& variable);

/// The user variable at `token` is none that stands for the tenant.
void check_variable_name(analysis& a, token_index token);

/// The name of the user variable at `token`, without @ and quotes, in lower case.
std::string variable_name(const analysis& a, token_index token);

}  // namespace fairlead::policy::mysql::guard

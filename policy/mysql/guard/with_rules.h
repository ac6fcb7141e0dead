#pragma once

#include "policy/mysql/guard/analysis.h"

#include <cstdint>
#include <string_view>

namespace fairlead::policy::mysql::guard {

enum class match : std::uint8_t { no, yes, unsure };

/// Whether a table reference of this name, without a database, is an element of WITH.
match find_common_table(const analysis& a, node_id reference, std::string_view name);

/// MariaDB 10.11.19 crashes on some statements with another WITH beside WITH RECURSIVE, and takes all tenants
/// of the server with it: refused wherever the server is shared.
void check_recursion(analysis& a);

}  // namespace fairlead::policy::mysql::guard

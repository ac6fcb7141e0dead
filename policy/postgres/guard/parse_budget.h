#pragma once

#include "policy/postgres/lexer.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres::guard {

/// Upper bound for the depth of the parse tree of `sql`, from its tokens alone. libpg_query 15 recurses over
/// the tree without checking its stack (measured: up to 3.5 KB per unit of this bound), so a text beyond
/// max_tree_depth must not reach it: it would kill the process and every tenant's connection with it.
std::uint32_t tree_depth_bound(std::string_view sql, const std::vector<token>& tokens);

/// 1000 units need less than 4 MB of the 8 MB that a thread has.
inline constexpr std::uint32_t max_tree_depth = 1000;

}  // namespace fairlead::policy::postgres::guard

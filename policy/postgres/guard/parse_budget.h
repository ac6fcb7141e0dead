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

/// No text deeper than this is parsed.
inline constexpr std::uint32_t max_tree_depth = 1000;

/// The text may be parsed on this thread: it is not beyond max_tree_depth, and what is left of the stack
/// suffices. 1000 units need less than 4 MB; a thread usually has 8 MB, but 2 MB under `ulimit -s unlimited`.
bool within_parse_budget(std::string_view sql, const std::vector<token>& tokens);

}  // namespace fairlead::policy::postgres::guard

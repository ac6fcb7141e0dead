#pragma once

#include "policy/mysql/guard/analysis.h"

#include <optional>
#include <vector>

namespace fairlead::policy::mysql::guard {

/// The output columns of `*` or `t.*` in a block's select list: whether each is the tenant column of a
/// filtered reference, so that its value is certain. Nothing where that is not simple: derived tables, USING,
/// NATURAL, outer joins.
std::optional<std::vector<bool>> star_columns(const analysis& a, node_id block, node_id star);

}  // namespace fairlead::policy::mysql::guard

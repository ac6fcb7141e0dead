#pragma once

#include "policy/mysql/verifier/reading.h"

#include <cstddef>

namespace fairlead::policy::mysql::verifier {

/// A value for the tenant column that is the own id whenever it is one: the id, or IF(x = id, id, error).
bool is_own_value(const reading& r, node_id value, const Relation& relation);

/// Whether every row that a query block gives has the own id at `place` of `width` columns.
bool gives_own_value(reading& r, node_id block, std::size_t place, std::size_t width,
                     const Relation& relation);

/// Every row of VALUES.
bool row_has_own_value(const reading& r, node_id row, std::size_t place, std::size_t width,
                       const Relation& relation);

}  // namespace fairlead::policy::mysql::verifier

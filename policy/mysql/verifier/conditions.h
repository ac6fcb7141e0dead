#pragma once

#include "policy/mysql/verifier/reading.h"

namespace fairlead::policy::mysql::verifier {

/// Whether only rows of the own tenant come out of this reference to a tenant's table: its test is the first
/// condition, or follows only such tests, in WHERE of its block or in ON of a join there that filters it.
bool is_filtered(const reading& r, node_id table_node, const Relation& relation);

/// Whether this reference to a table of information_schema shows this database's names and no figures.
bool is_narrowed(const reading& r, node_id table_node);

}  // namespace fairlead::policy::mysql::verifier

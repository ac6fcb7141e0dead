#pragma once

#include "policy/mysql/guard.h"

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::policy::mysql {

/// Invariant I5: proves that a rewritten text is safe on shared tables, by code of its own
/// (policy/mysql/verifier) that knows nothing of how the text was rewritten. `rewritten` is what would be
/// sent, with the speaker's tenant and database put in. Reads the text again and asks of every table it names
/// that it is
///
/// - an element of WITH that is in sight, or
/// - a table with the tenant column, filtered: `alias.tenant_id = 'own id'` is the first condition, or
/// follows
///   only such conditions, in WHERE of the very query block it stands in, or in ON of a join there that
///   filters it; written to with the own id in every row, and never with another one, or
/// - a global table, read only, or
/// - a view of information_schema, alone in its block, narrowed to this database and without figures.
///
/// Stricter than the guard where that is simpler. Says what is wrong; nullopt: nothing. Only for shared
/// tables (Model::pool); placements of another model have nothing to prove here and always pass. Pure and
/// thread-safe.
std::optional<std::string> verify(const GuardScope& scope, const Speaker& speaker,
                                  std::string_view rewritten);

}  // namespace fairlead::policy::mysql

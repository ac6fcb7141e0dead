#pragma once

#include "policy/mysql/verifier/reading.h"

namespace fairlead::policy::mysql::verifier {

/// What INSERT, REPLACE, UPDATE and DELETE store and remove: the own id in every row that is made, no other
/// in any row that is changed, nothing in global tables. Problems go to `r`.
void check_insert(reading& r, const parse::statement& statement);
void check_update(reading& r, const parse::statement& statement);
void check_delete(reading& r, const parse::statement& statement);

}  // namespace fairlead::policy::mysql::verifier

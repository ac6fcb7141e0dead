#pragma once

#include "policy/mysql/verifier/reading.h"

#include <optional>
#include <string>

namespace fairlead::policy::mysql::verifier {

/// What the server will prepare for `PREPARE name FROM 'text'`: the statement has to be all there is, and the
/// text one literal that leaves no doubt: in single quotes, each quote in it doubled, each backslash too
/// where it means something, and nothing that a conversion of character sets could touch. Otherwise nullopt,
/// and the problem goes to `r`.
std::optional<std::string> prepared_text(reading& r, const parse::statement& statement);

/// `EXECUTE name USING @a, ...`: what the name stands for was proven when it was prepared; here it is all
/// there is, and its values are variables.
void check_execute(reading& r, const parse::statement& statement);

}  // namespace fairlead::policy::mysql::verifier

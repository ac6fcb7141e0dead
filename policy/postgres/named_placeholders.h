#pragma once

#include "policy/named_text.h"

#include <string_view>

namespace fairlead::policy::postgres {

/// Where `sql` has `:name` as placeholders: never in literals, comments, quoted names, `::` and `:=`. Errors:
/// a text that the lexer does not take, `$1` beside them, and a `:name` in brackets, which may be the bound
/// of an array slice; not in ARRAY[...]. Pure and thread-safe.
named_places find_named_placeholders(std::string_view sql);

}  // namespace fairlead::policy::postgres

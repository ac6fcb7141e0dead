#pragma once

#include "policy/mysql/lex_mode.h"
#include "policy/named_text.h"

#include <string_view>

namespace fairlead::policy::mysql {

/// Where `sql` has `:name` as placeholders: never in literals, comments, quoted names and `:=`. Errors: a
/// text that the lexer does not take, `?` beside them, and a `:name` in an executable comment. Pure and
/// thread-safe.
named_places find_named_placeholders(std::string_view sql, const lex_mode& mode);

}  // namespace fairlead::policy::mysql

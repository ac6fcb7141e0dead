#pragma once

#include "policy/mysql/lex_mode.h"

#include <string>
#include <string_view>

namespace fairlead::policy::mysql::guard {

/// What a server of this mode makes of a string token, with its quotes: 'it''s', "a\n".
std::string string_value(std::string_view token, const lex_mode& mode);

/// `value` as a string token that a server of this mode reads as `value` again. No other escapes than that of
/// the quote and of the backslash, whose meaning is the least that could change.
std::string quoted_string(std::string_view value, const lex_mode& mode);

}  // namespace fairlead::policy::mysql::guard

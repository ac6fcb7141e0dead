#pragma once

#include <string>
#include <string_view>

namespace fairlead::policy::mysql::guard {

/// ASCII letters in lower case, other bytes as they are.
std::string lower_case(std::string_view text);

/// Equal but for the case of ASCII letters. `lower`: in lower case.
bool same_word(std::string_view text, std::string_view lower);

/// The server may take `name` for `other`. Column and alias names are compared by folding case over all of
/// Unicode (the Kelvin sign is a k; measured), so a name with bytes beyond ASCII may be any that holds its
/// ASCII letters in that order. Errs on the side of yes.
bool could_be(std::string_view name, std::string_view other);

/// `name` in backticks, which quote in every sql_mode.
std::string quoted(std::string_view name);

}  // namespace fairlead::policy::mysql::guard

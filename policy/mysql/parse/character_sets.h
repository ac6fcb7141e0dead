#pragma once

#include <string_view>

namespace fairlead::policy::mysql::parse {

/// Whether servers know a character set of this name, in any case: then `_name` in front of a literal is an
/// introducer and never an identifier.
bool is_character_set(std::string_view name);

}  // namespace fairlead::policy::mysql::parse

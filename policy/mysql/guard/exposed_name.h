#pragma once

#include "policy/mysql/guard/analysis.h"

#include <string>
#include <string_view>

namespace fairlead::policy::mysql::guard {

/// The database goes by another name with the client than on the server. What the server says of names then
/// has to be said again: DATABASE(), columns of information_schema, some of SHOW.
bool has_another_name(const analysis& a);

/// The name that clients know, as a string of DATABASE()'s character set and collation. Where both names are
/// the same, DATABASE() itself. Verdicts are cached by this name.
std::string exposed_name(const analysis& a);

/// A column that holds a database's name, of the dictionary's select lists, by the name that clients know:
/// `column` AS `column`, so to speak.
std::string exposed_column(const analysis& a, std::string_view column);

}  // namespace fairlead::policy::mysql::guard

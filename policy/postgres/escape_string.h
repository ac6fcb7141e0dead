#pragma once

#include <string_view>

namespace fairlead::policy::postgres {

/// Whether PostgreSQL takes the escapes of one piece of an E'...' literal (the bytes between its quotes): \u
/// and \U have all their digits and name a character, surrogates come in pairs, and the bytes that result are
/// UTF-8 without NUL. Needed only where a backslash is followed by u, U, x, a digit or a byte beyond ASCII.
bool valid_escapes(std::string_view body);

}  // namespace fairlead::policy::postgres

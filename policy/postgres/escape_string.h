#pragma once

#include <string_view>

namespace fairlead::policy::postgres {

/// Whether PostgreSQL takes the escapes of an E'...' literal: \u and \U have all their digits and name a
/// character, surrogates come in pairs, and the bytes that result are UTF-8 without NUL. `body`: what stands
/// between the first quote and the last, with '' and with the gaps of a literal that goes on in the next
/// line. Needed only where a backslash is followed by u, U, x, a digit or a byte beyond ASCII; the server
/// looks at all bytes of the literal then.
bool valid_escapes(std::string_view body);

}  // namespace fairlead::policy::postgres

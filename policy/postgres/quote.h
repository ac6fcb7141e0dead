#pragma once

#include <string>
#include <string_view>

namespace fairlead::policy::postgres {

/// Always quoted: "shop" -> "\"shop\"", with inner quotes doubled. Names must not hold a NUL.
std::string quote_identifier(std::string_view name);
std::string quote_qualified(std::string_view schema, std::string_view name);

/// A string constant that means the same whatever standard_conforming_strings says (E'' when there is a
/// backslash).
std::string quote_literal(std::string_view text);

}  // namespace fairlead::policy::postgres

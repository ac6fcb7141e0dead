#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::proxy::auth {

std::string base64_encode(std::string_view bytes);

/// Strict RFC 4648: whole groups of four, padding only at the end, unused bits zero, no white space. One
/// value has one spelling, so comparing encoded and decoded forms gives the same answer.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace fairlead::proxy::auth

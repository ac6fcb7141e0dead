#pragma once

#include "policy/verdict.h"

#include <cstdint>
#include <string_view>

namespace fairlead::policy {

/// The verdict on a text that our lexer does not take. `what`: its error as a sentence; `offset`: of its
/// place, in bytes; `too_much`: a limit was met, and `smaller` says what to do about that.
VerdictPtr lexer_refusal(std::string_view sql, std::string_view what, std::uint32_t offset, bool too_much,
                         std::string_view smaller);

}  // namespace fairlead::policy

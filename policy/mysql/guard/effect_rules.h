#pragma once

#include "policy/mysql/guard/analysis.h"

namespace fairlead::policy::mysql::guard {

/// Sets `writes` and `inserts` of the verdict by the kinds of the text's statements: what is not known to
/// change nothing sets both. Stored functions, which any statement may call, add to it later
/// (function_rules.h). A text of several statements keeps both.
void note_effect(analysis& a);

}  // namespace fairlead::policy::mysql::guard

#pragma once

#include <string_view>

namespace fairlead::dal {

/// MySQL: whether the statement may end the transaction around it, and do so although it fails, as what
/// defines something, and procedures, do. True unless its first word says otherwise. Pure; meant for
/// failures, since it reads the whole text.
bool may_commit_unasked(std::string_view sql);

}  // namespace fairlead::dal

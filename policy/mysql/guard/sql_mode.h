#pragma once

#include "policy/mysql/guard/analysis.h"

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::policy::mysql::guard {

/// `list` ("ANSI_QUOTES,STRICT_TRANS_TABLES", any case, may be empty) has only modes that may be set.
bool are_allowed_modes(std::string_view list);

/// `CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')` and its like, as drivers send: the expression as it stands,
/// if the modes that it adds may be set and change no tokens.
std::optional<std::string> modes_added(const analysis& a, node_id expression);

}  // namespace fairlead::policy::mysql::guard

#pragma once

#include "policy/mysql/lex_mode.h"

#include <string_view>

namespace fairlead::policy::mysql {

/// Takes what `words` ("ANSI_QUOTES,STRICT_TRANS_TABLES", as @@sql_mode says it, upper case) means for a text
/// into `mode`. False: a mode under which the whole grammar is another one, or that is not known; texts
/// cannot be read safely then. Pure.
bool read_sql_mode(std::string_view words, lex_mode& mode);

}  // namespace fairlead::policy::mysql

#pragma once

#include "policy/mysql/lexer.h"
#include "policy/mysql/parse/symbol.h"

#include <span>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql::parse {

/// Says of every token what it is to the grammar, followed by as many `end` as the parser looks ahead.
/// `symbols` is cleared and filled. Pure.
void classify(std::string_view sql, std::span<const token> tokens, std::vector<symbol>& symbols);

/// Whether a word is never a name without quotes.
bool reserved_in_mariadb(symbol word);
bool reserved_in_mysql(symbol word);

/// Whether a word followed by a parenthesis right behind it is a function and nothing else: COUNT(.
bool is_function_token(symbol word);

/// The functions that are called with OVER only: ROW_NUMBER, LAG ...
bool is_window_function(symbol word);

}  // namespace fairlead::policy::mysql::parse

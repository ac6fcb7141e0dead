#pragma once

#include "policy/mysql/lexer.h"

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {

/// Appends to `key` what `sql` is without the values of its literals: every token in order with its flags,
/// literals by kind only, all others in full, as written. Two token sequences that differ in more than the
/// values of their literals never have the same key (tests/unit decodes it again). The lexer's mode is not in
/// it: it belongs to whatever the key is made part of. `tokens` are those of lex(sql).
void append_fingerprint(std::string_view sql, const std::vector<token>& tokens, std::string& key);

/// Appends one token in full, so that a sequence of such pieces can be read in one way only.
void append_full(std::string_view sql, const token& t, std::string& key);

}  // namespace fairlead::policy::mysql

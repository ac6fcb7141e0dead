#pragma once

#include "policy/postgres/lexer.h"

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres {

/// Appends to `key` what `sql` is without the values of its literals: every token in order, literals by kind
/// only, all others in full; no comments, no white space. Two token sequences that differ in more than the
/// values of their literals never have the same key (tests/unit decodes it again). `tokens` are those of
/// lex(sql).
void append_fingerprint(std::string_view sql, const std::vector<token>& tokens, std::string& key);

/// Appends one token in full, so that a sequence of such pieces can be read in one way only.
void append_full(std::string_view sql, const token& t, std::string& key);

}  // namespace fairlead::policy::postgres

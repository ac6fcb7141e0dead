#pragma once

#include <cstdint>
#include <string>

namespace fairlead::policy {

/// In a splice's text these bytes stand for values of the session, so that one plan serves all tenants. All
/// come out ready to be used: the tenant as a literal, the database as a quoted identifier.
inline constexpr char tenant_mark = '\x01';    // 'acme', for character and binary columns
inline constexpr char database_mark = '\x02';  // `shop`
/// 42, for integer columns. A tenant whose id is no integer in its plain form cannot be rendered: '042',
/// '42x' and 'x' would equal other tenants' numbers.
inline constexpr char tenant_number_mark = '\x03';
inline constexpr char connection_mark = '\x04';  // the client's connection id, a number
/// Followed by "12-15;": the statement's own bytes from token 12 to the end of token 14, as a quoted
/// identifier. What a rewritten column was called by, since the server names columns by their text.
inline constexpr char source_mark = '\x05';

/// The mark for a tenant column (Relation::tenant_is_text).
constexpr char tenant_mark_for(bool column_is_text) {
    return column_is_text ? tenant_mark : tenant_number_mark;
}

/// One change of a statement's text: tokens [first, last) are replaced by `text`; first == last inserts in
/// front of token `first` (behind the last token when that is the number of tokens). Token positions hold for
/// every text of the same fingerprint; byte positions would not.
struct Splice {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::string text;
};

}  // namespace fairlead::policy

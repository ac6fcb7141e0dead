#pragma once

#include <cstdint>
#include <string>

namespace fairlead::policy {

/// In a splice's text these bytes stand for values of the session, so that one plan serves all tenants. Both
/// come out ready to be used: the tenant as a literal, the database as a quoted identifier.
inline constexpr char tenant_mark = '\x01';
inline constexpr char database_mark = '\x02';

/// One change of a statement's text: tokens [first, last) are replaced by `text`; first == last inserts in
/// front of token `first` (behind the last token when that is the number of tokens). Token positions hold for
/// every text of the same fingerprint; byte positions would not.
struct Splice {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::string text;
};

}  // namespace fairlead::policy

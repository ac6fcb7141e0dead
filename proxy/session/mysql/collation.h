#pragma once

#include <cstdint>
#include <string_view>

namespace fairlead::proxy::mysql {

/// A collation by the number that a handshake has for it. `collation` empty: one that servers do not agree
/// on; then the character set's default takes its place, as servers do with numbers that they do not know.
/// `character_set` empty: one that clients may not use (policy/mysql/lex_mode.h says why).
struct collation_name {
    std::string_view character_set;
    std::string_view collation;
};
collation_name find_collation(std::uint16_t number);

}  // namespace fairlead::proxy::mysql

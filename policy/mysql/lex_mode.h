#pragma once

#include <cstdint>

namespace fairlead::policy::mysql {

enum class flavour : std::uint8_t { mariadb, mysql };

/// The character sets that clients of shared tables may use: none of them has an ASCII byte inside a longer
/// character (GBK, SJIS, Big5, GB18030 and cp932 do, and a quote there may be half a character).
enum class client_charset : std::uint8_t { utf8mb4, utf8mb3, latin1, ascii, binary };

/// Everything besides its bytes that decides how a text falls into tokens and trees. Part of every key of the
/// plan cache.
struct lex_mode {
    flavour server = flavour::mariadb;
    std::uint32_t server_version = 101100;  // 101119 is 10.11.19; decides which executable comments run
    client_charset charset = client_charset::utf8mb4;
    // From sql_mode.
    bool ansi_quotes = false;
    bool no_backslash_escapes = false;
    bool ignore_space = false;
    bool pipes_as_concat = false;
    bool high_not_precedence = false;

    bool operator==(const lex_mode&) const = default;
};

}  // namespace fairlead::policy::mysql

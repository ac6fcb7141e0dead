#include "policy/mysql/parse/character_sets.h"

#include <algorithm>
#include <array>

namespace fairlead::policy::mysql::parse {

namespace {

// Source: information_schema.CHARACTER_SETS of MariaDB 10.11 and MySQL 8, and utf8, which stands for one of
// them.
constexpr std::array<std::string_view, 43> names = {
    "armscii8", "ascii",   "big5",   "binary",   "cp1250",  "cp1251",  "cp1256",  "cp1257", "cp850",
    "cp852",    "cp866",   "cp932",  "dec8",     "eucjpms", "euckr",   "gb18030", "gb2312", "gbk",
    "geostd8",  "greek",   "hebrew", "hp8",      "keybcs2", "koi8r",   "koi8u",   "latin1", "latin2",
    "latin5",   "latin7",  "macce",  "macroman", "sjis",    "swe7",    "tis620",  "ucs2",   "ujis",
    "utf16",    "utf16le", "utf32",  "utf8",     "utf8mb3", "utf8mb4", "utf8mb5",
};

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

bool is_character_set(std::string_view name) {
    return std::ranges::any_of(names, [name](std::string_view known) {
        return std::ranges::equal(known, name, [](char a, char b) { return a == lower(b); });
    });
}

}  // namespace fairlead::policy::mysql::parse

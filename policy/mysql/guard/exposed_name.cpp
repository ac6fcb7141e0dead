#include "policy/mysql/guard/exposed_name.h"

#include <algorithm>
#include <cstddef>

namespace fairlead::policy::mysql::guard {

namespace {

bool is_plain(char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$';
}

/// Reads the same in every sql_mode and character set, and holds no byte that render() takes for a mark.
std::string hexadecimal(std::string_view name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = " 0x";
    for (char c : name) {
        auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

}  // namespace

bool has_another_name(const analysis& a) {
    return a.speaker.exposed != a.speaker.database;
}

std::string exposed_name(const analysis& a) {
    if (!has_another_name(a)) return "DATABASE()";
    std::string_view name = a.speaker.exposed;
    if (!std::all_of(name.begin(), name.end(), is_plain)) return "_utf8mb3" + hexadecimal(name);
    return "_utf8mb3'" + std::string(name) + "'";
}

/// NULL stays NULL, and another database (of a foreign key) is called as it is.
std::string exposed_column(const analysis& a, std::string_view column) {
    std::string name(column);
    return "IF(" + name + " = DATABASE(), " + exposed_name(a) + ", " + name + ") AS " + name;
}

}  // namespace fairlead::policy::mysql::guard

#include "policy/mysql/guard/names.h"

#include <algorithm>

namespace fairlead::policy::mysql::guard {

namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equal_folded(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

constexpr bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool same_word(std::string_view text, std::string_view lower_text) {
    return text.size() == lower_text.size() && std::equal(text.begin(), text.end(), lower_text.begin(),
                                                          [](char a, char b) { return lower(a) == b; });
}

bool could_be(std::string_view name, std::string_view other) {
    if (std::all_of(name.begin(), name.end(), is_ascii)) return equal_folded(name, other);
    std::size_t at = 0;
    for (char c : name) {
        if (!is_ascii(c)) continue;
        while (at < other.size() && lower(other[at]) != lower(c)) ++at;
        if (at == other.size()) return false;
        ++at;
    }
    return true;
}

std::string quoted(std::string_view name) {
    std::string out = "`";
    for (char c : name) {
        if (c == '`') out += '`';
        out += c;
    }
    return out += '`';
}

}  // namespace fairlead::policy::mysql::guard

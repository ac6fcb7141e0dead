#include "dal/session/row_text.h"

#include <array>
#include <charconv>

namespace fairlead::dal {
namespace {

// A NUL stays as it is for PostgreSQL, which has none in text and says so: \0 and a digit would be another
// character.
void append_escaped(std::string& out, bool postgres, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\0':
                if (!postgres) out += '\\';
                out += postgres ? '\0' : '0';
                break;
            default:
                out += c;
        }
    }
}

template <typename Number>
void append_number(std::string& out, Number value) {
    std::array<char, 64> digits;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), end);
}

void append_hexadecimal(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
}

}  // namespace

void append_field(std::string& out, config::Engine engine, const Argument& value) {
    const bool postgres = engine == config::Engine::postgres;
    switch (value.kind()) {
        case Argument::Kind::null:
            out += "\\N";
            break;
        case Argument::Kind::boolean:
            out += value.unsigned_integer() != 0 ? (postgres ? "t" : "1") : (postgres ? "f" : "0");
            break;
        case Argument::Kind::integer:
            append_number(out, value.integer());
            break;
        case Argument::Kind::unsigned_integer:
            append_number(out, value.unsigned_integer());
            break;
        case Argument::Kind::real:
            append_number(out, value.real());
            break;
        case Argument::Kind::text:
            append_escaped(out, postgres, value.text());
            break;
        case Argument::Kind::bytes:
            if (postgres) out += "\\\\x";
            append_hexadecimal(out, value.text());
            break;
    }
}

}  // namespace fairlead::dal

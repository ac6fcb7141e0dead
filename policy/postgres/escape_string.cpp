#include "policy/postgres/escape_string.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace fairlead::policy::postgres {

namespace {

std::optional<std::uint32_t> digit(char c, std::uint32_t base) {
    std::uint32_t value = 99;
    if (c >= '0' && c <= '9') value = static_cast<std::uint32_t>(c - '0');
    if (c >= 'a' && c <= 'f') value = static_cast<std::uint32_t>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') value = static_cast<std::uint32_t>(c - 'A') + 10;
    if (value >= base) return std::nullopt;
    return value;
}

/// UTF-8, byte by byte, without NUL, overlong forms, surrogates and anything above 10FFFF.
class utf8_check {
public:
    bool feed(std::uint8_t byte) {
        if (pending_ > 0) {
            bool fits = byte >= low_ && byte <= high_;
            --pending_;
            low_ = 0x80;
            high_ = 0xBF;
            return fits;
        }
        return lead(byte);
    }
    bool complete() const { return pending_ == 0; }

private:
    bool lead(std::uint8_t byte) {
        if (byte < 0x80) return byte != 0;
        if (byte < 0xC2 || byte > 0xF4) return false;
        pending_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        if (byte == 0xE0) low_ = 0xA0;
        if (byte == 0xED) high_ = 0x9F;
        if (byte == 0xF0) low_ = 0x90;
        if (byte == 0xF4) high_ = 0x8F;
        return true;
    }

    int pending_ = 0;
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xBF;
};

class escape_check {
public:
    explicit escape_check(std::string_view body) : body_(body) {}

    bool run() {
        while (at_ < body_.size()) {
            if (!step()) return false;
        }
        return !half_pair_ && utf8_.complete();
    }

private:
    bool step() {
        char c = body_[at_];
        if (c == '\\' && at_ + 1 < body_.size()) return escape();
        if (c != '\'') return plain(body_[at_++]);
        // '' is a quote; any other quote ends a piece, and after white space the next one begins.
        std::size_t other = body_.find('\'', at_ + 1);
        if (other == std::string_view::npos || half_pair_) return false;
        bool doubled = other == at_ + 1;
        at_ = other + 1;
        return !doubled || plain('\'');
    }
    bool plain(char byte) { return !half_pair_ && utf8_.feed(static_cast<std::uint8_t>(byte)); }

    bool escape() {
        char c = body_[at_ + 1];
        at_ += 2;
        if (c == 'u') return unicode(4);
        if (c == 'U') return unicode(8);
        if (c == 'x' && at_ < body_.size() && digit(body_[at_], 16)) return number(16, 2);
        if (digit(c, 8)) {
            --at_;
            return number(8, 3);
        }
        // \b \f \n \r \t stand for another character, but for an ASCII one as well.
        return plain(c);
    }

    // \1 to \377 (a larger value loses its high bits, as in the server), \x1 to \xFF.
    bool number(std::uint32_t base, int max_digits) {
        std::uint32_t value = 0;
        for (int i = 0; i < max_digits && at_ < body_.size(); ++i, ++at_) {
            auto next = digit(body_[at_], base);
            if (!next) break;
            value = value * base + *next;
        }
        return plain(static_cast<char>(value & 0xFF));
    }

    bool unicode(std::size_t digits) {
        if (body_.size() - at_ < digits || !utf8_.complete()) return false;
        std::uint32_t code = 0;
        for (std::size_t i = 0; i < digits; ++i, ++at_) {
            auto next = digit(body_[at_], 16);
            if (!next) return false;
            code = code * 16 + *next;
        }
        bool first_half = code >= 0xD800 && code <= 0xDBFF;
        bool second_half = code >= 0xDC00 && code <= 0xDFFF;
        if (second_half != half_pair_) return false;
        half_pair_ = first_half;
        return code != 0 && code <= 0x10FFFF;
    }

    std::string_view body_;
    std::size_t at_ = 0;
    utf8_check utf8_;
    bool half_pair_ = false;
};

}  // namespace

bool valid_escapes(std::string_view body) {
    return escape_check(body).run();
}

}  // namespace fairlead::policy::postgres

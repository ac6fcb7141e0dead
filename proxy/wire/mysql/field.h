#pragma once

#include "common/bytes.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

/// The fields of packets: little-endian numbers, length-encoded numbers and texts, texts up to a NUL
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_dt_integers.html).
namespace fairlead::proxy::mysql {

/// Reads a payload front to back. Every length is checked against what is there; after a failed read the
/// reader is exhausted, so a chain of reads needs one check at its end (`ok()`). Texts point into the input.
class field_reader {
public:
    explicit field_reader(Bytes payload) : reader_(payload) {}

    bool ok() const { return reader_.ok(); }
    bool at_end() const { return reader_.at_end(); }
    Bytes rest() const { return reader_.rest(); }

    std::optional<std::uint8_t> u8() { return reader_.u8(); }
    std::optional<std::uint16_t> u16() { return number<std::uint16_t>(2); }
    std::optional<std::uint32_t> u24() { return number<std::uint32_t>(3); }
    std::optional<std::uint32_t> u32() { return number<std::uint32_t>(4); }
    std::optional<std::uint64_t> u64() { return number<std::uint64_t>(8); }

    std::optional<Bytes> take(std::size_t count) { return reader_.take(count); }
    std::optional<std::string_view> text(std::size_t count) {
        std::optional<Bytes> bytes = reader_.take(count);
        if (!bytes) return std::nullopt;
        return as_text(*bytes);
    }
    std::optional<std::string_view> cstring() { return reader_.cstring(); }

    /// A length-encoded number. 0xfb (NULL in a row) and 0xff (an error packet) are no numbers.
    std::optional<std::uint64_t> lenenc() {
        std::optional<std::uint8_t> first = u8();
        if (!first || *first < 0xfb) return first;
        if (*first == 0xfc) return number<std::uint64_t>(2);
        if (*first == 0xfd) return number<std::uint64_t>(3);
        if (*first == 0xfe) return number<std::uint64_t>(8);
        fail();
        return std::nullopt;
    }
    std::optional<std::string_view> lenenc_text() {
        std::optional<std::uint64_t> length = lenenc();
        if (!length) return std::nullopt;
        if (*length > reader_.rest().size()) {  // before the narrowing to size_t
            fail();
            return std::nullopt;
        }
        return text(static_cast<std::size_t>(*length));
    }

    /// Is the next byte this one? Does not consume it.
    bool next_is(std::uint8_t byte) const { return !at_end() && reader_.rest().front() == byte; }

private:
    void fail() { (void)reader_.take(std::numeric_limits<std::size_t>::max()); }

    template <typename T>
    std::optional<T> number(std::size_t size) {
        std::optional<Bytes> bytes = reader_.take(size);
        if (!bytes) return std::nullopt;
        T value = 0;
        for (std::size_t i = size; i-- > 0;) value = static_cast<T>((value << 8) | (*bytes)[i]);
        return value;
    }

    ByteReader reader_;
};

/// Appends fields to a string used as a byte buffer.
class field_writer {
public:
    explicit field_writer(std::string& out) : out_(out) {}

    void u8(std::uint8_t v) { number(v, 1); }
    void u16(std::uint16_t v) { number(v, 2); }
    void u24(std::uint32_t v) { number(v, 3); }
    void u32(std::uint32_t v) { number(v, 4); }
    void u64(std::uint64_t v) { number(v, 8); }
    void zeros(std::size_t count) { out_.append(count, '\0'); }
    void raw(std::string_view bytes) { out_.append(bytes); }
    /// The text must hold no NUL: the reader would end it there.
    void cstring(std::string_view text) {
        out_.append(text);
        out_.push_back('\0');
    }
    void lenenc(std::uint64_t v) {
        if (v < 0xfb) return number(v, 1);
        if (v <= 0xffff) return prefixed(0xfc, v, 2);
        if (v <= 0xffffff) return prefixed(0xfd, v, 3);
        prefixed(0xfe, v, 8);
    }
    void lenenc_text(std::string_view text) {
        lenenc(text.size());
        out_.append(text);
    }

private:
    void prefixed(std::uint8_t prefix, std::uint64_t v, std::size_t size) {
        number(prefix, 1);
        number(v, size);
    }
    void number(std::uint64_t v, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) out_.push_back(static_cast<char>((v >> (8 * i)) & 0xff));
    }

    std::string& out_;
};

}  // namespace fairlead::proxy::mysql

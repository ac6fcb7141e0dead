#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fairlead {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

template <typename T>
T load_big_endian(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (sizeof(T) == 2)
        value = static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
    if constexpr (sizeof(T) == 4)
        value = static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    if constexpr (sizeof(T) == 8)
        value = static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
    return value;
}

/// Reads a message body front to back. Every read is checked: a read past the end returns nullopt and leaves
/// the reader exhausted, so a chain of reads needs one check at its end (`ok()`).
class ByteReader {
public:
    explicit ByteReader(Bytes bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }
    Bytes rest() const { return rest_; }

    std::optional<std::uint8_t> u8() { return number<std::uint8_t>(); }
    std::optional<std::uint16_t> u16() { return number<std::uint16_t>(); }
    std::optional<std::uint32_t> u32() { return number<std::uint32_t>(); }
    std::optional<std::int32_t> i32() { return number<std::int32_t>(); }

    /// `count` bytes, or nullopt.
    std::optional<Bytes> take(std::size_t count) {
        if (count > rest_.size()) return fail<Bytes>();
        Bytes taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    /// Text up to a NUL, which is consumed and not part of the result.
    std::optional<std::string_view> cstring() {
        const void* nul = rest_.empty() ? nullptr : std::memchr(rest_.data(), 0, rest_.size());
        if (nul == nullptr) return fail<std::string_view>();
        auto length = static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - rest_.data());
        std::string_view text = as_text(rest_.first(length));
        rest_ = rest_.subspan(length + 1);
        return text;
    }

private:
    template <typename T>
    std::optional<T> fail() {
        ok_ = false;
        rest_ = {};
        return std::nullopt;
    }
    template <typename T>
    std::optional<T> number() {
        if (rest_.size() < sizeof(T)) return fail<T>();
        T value = load_big_endian<T>(rest_.data());
        rest_ = rest_.subspan(sizeof(T));
        return value;
    }

    Bytes rest_;
    bool ok_ = true;
};

/// Appends big-endian numbers and NUL-terminated text to a string used as a byte buffer.
class ByteWriter {
public:
    explicit ByteWriter(std::string& out) : out_(out) {}

    void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
    void u16(std::uint16_t v) { number(__builtin_bswap16(v)); }
    void u32(std::uint32_t v) { number(__builtin_bswap32(v)); }
    void raw(std::string_view bytes) { out_.append(bytes); }
    void cstring(std::string_view text) {
        out_.append(text);
        out_.push_back('\0');
    }
    std::size_t size() const { return out_.size(); }

    /// Overwrites four bytes at `at` (for a length known only later).
    void patch_u32(std::size_t at, std::uint32_t v) {
        v = __builtin_bswap32(v);
        std::memcpy(out_.data() + at, &v, sizeof v);
    }

private:
    template <typename T>
    void number(T v) {
        out_.append(reinterpret_cast<const char*>(&v), sizeof v);
    }
    std::string& out_;
};

}  // namespace fairlead

#pragma once

#include "fairlead/api.h"

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace fairlead {

/// Binary data that is owned: what a bytea or BLOB column is read into.
using Bytes = std::basic_string<std::byte>;
/// Binary data of somebody else, as an argument.
using BytesView = std::span<const std::byte>;

/// One value that goes to the server in place of a placeholder.
///
/// Errors: none here; what does not fit its placeholder fails the call, with DataError or
/// SyntaxOrAccessError. Threads: any number may read it. Lifetime: a view; text, bytes and name must live
/// until the call returns (what bind() makes of it has copies).
class Argument {
public:
    /// Which type a value has; it says how the value is sent.
    enum class Kind : std::uint8_t {
        null,              ///< NULL
        boolean,           ///< true or false
        integer,           ///< a signed integer of up to 64 bits
        unsigned_integer,  ///< an unsigned integer of up to 64 bits
        real,              ///< a double
        text,              ///< UTF-8
        bytes              ///< binary data
    };

    /// NULL.
    Argument() = default;
    /// NULL.
    Argument(std::nullptr_t) {}
    /// NULL.
    Argument(std::nullopt_t) {}
    /// A boolean.
    Argument(bool value) : kind_(Kind::boolean), unsigned_(value ? 1 : 0) {}
    /// An integer.
    template <std::signed_integral T>
    Argument(T value) : kind_(Kind::integer), integer_(value) {}
    /// An integer without sign.
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) Argument(T value) : kind_(Kind::unsigned_integer), unsigned_(value) {}
    /// A real number.
    Argument(double value) : kind_(Kind::real), real_(value) {}
    /// A text, in UTF-8. May hold zero bytes where the engine takes them.
    Argument(std::string_view value) : kind_(Kind::text), data_(value.data()), size_(value.size()) {}
    /// A text.
    Argument(const std::string& value) : Argument(std::string_view(value)) {}
    /// A text that ends with a zero byte; not null.
    Argument(const char* value) : Argument(std::string_view(value)) {}
    /// Binary data.
    Argument(BytesView value)
        : kind_(Kind::bytes), data_(reinterpret_cast<const char*>(value.data())), size_(value.size()) {}
    /// Binary data.
    Argument(const Bytes& value) : Argument(BytesView(value)) {}
    /// The value, or NULL where there is none.
    template <typename T>
    Argument(const std::optional<T>& value) {
        if (value) *this = Argument(*value);
    }

    /// `value` for the placeholder `:name`; all arguments of a call are named or none is.
    static Argument named(std::string_view name, Argument value) {
        value.name_ = name;
        return value;
    }

    /// Its type.
    Kind kind() const { return kind_; }
    /// Whether it is NULL.
    bool is_null() const { return kind_ == Kind::null; }
    /// Of the placeholder, without the colon; empty: by position.
    std::string_view name() const { return name_; }
    /// Of Kind::integer.
    std::int64_t integer() const { return integer_; }
    /// Of Kind::unsigned_integer, and 1 or 0 of Kind::boolean.
    std::uint64_t unsigned_integer() const { return unsigned_; }
    /// Of Kind::real.
    double real() const { return real_; }
    std::string_view text() const { return {data_, size_}; }  ///< of text and bytes

private:
    Kind kind_ = Kind::null;
    union {
        std::int64_t integer_;
        std::uint64_t unsigned_;
        double real_;
        const char* data_ = nullptr;
    };
    std::size_t size_ = 0;
    std::string_view name_{};
};

/// Shorthand for Argument::named().
inline Argument named(std::string_view name, Argument value) {
    return Argument::named(name, value);
}

/// One value of a result, as the server writes it in text; bytes come as bytes.
///
/// Errors: none here; Decoder says whether it is what was asked for. Threads: any number may read it.
/// Lifetime: a view; that of its result, or of the row of its stream.
class Field {
public:
    /// NULL.
    Field() = default;
    /// `data` is not null, even for an empty text. `hexadecimal`: bytes in PostgreSQL's text form
    /// ("\\x6162").
    Field(const char* data, std::size_t size, bool hexadecimal = false)
        : data_(data), size_(size), hexadecimal_(hexadecimal) {}

    /// Whether it is NULL.
    bool is_null() const { return data_ == nullptr; }
    /// As the server wrote it; empty for NULL.
    std::string_view text() const { return {data_, size_}; }
    /// Whether text() is bytes in PostgreSQL's text form, which Decoder<Bytes> undoes.
    bool is_hexadecimal() const { return hexadecimal_; }

private:
    const char* data_ = nullptr;
    std::size_t size_ = 0;
    bool hexadecimal_ = false;
};

/// How a column becomes a T. Specialise it for your own types:
///     static bool decode(const Field& field, T& out);   // false: the value is no T
/// A NULL is a ConversionError unless T is std::optional.
///
/// Errors: false becomes a ConversionError of who has asked; decode() may throw what is its own, too.
/// Threads: called by any number at once. Lifetime: nothing is kept; what comes out is a copy, but for a
/// std::string_view.
template <typename T>
struct Decoder;

/// Integers: all of the text, in range.
template <typename T>
requires(std::integral<T> && !std::same_as<T, bool>) struct Decoder<T> {
    /// False: the value is no T, and `out` is not to be used.
    static bool decode(const Field& field, T& out) {
        const std::string_view text = field.text();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        return error == std::errc() && end == text.data() + text.size();
    }
};

/// Real numbers: all of the text, in range.
template <std::floating_point T>
struct Decoder<T> {
    /// False: the value is no T, and `out` is not to be used.
    static bool decode(const Field& field, T& out) {
        const std::string_view text = field.text();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        return error == std::errc() && end == text.data() + text.size();
    }
};

/// "t"/"f" of PostgreSQL, 1/0 of MySQL.
template <>
struct Decoder<bool> {
    /// False: the value is no T, and `out` is not to be used.
    static bool decode(const Field& field, bool& out) {
        const std::string_view text = field.text();
        out = text == "t" || text == "1" || text == "true";
        return out || text == "f" || text == "0" || text == "false";
    }
};

/// Any value as the server writes it.
template <>
struct Decoder<std::string> {
    /// False: the value is no T, and `out` is not to be used.
    static bool decode(const Field& field, std::string& out) {
        out.assign(field.text());
        return true;
    }
};

/// Valid while the result (or the row of a stream) lives.
template <>
struct Decoder<std::string_view> {
    /// False: the value is no T, and `out` is not to be used.
    static bool decode(const Field& field, std::string_view& out) {
        out = field.text();
        return true;
    }
};

/// Also of text: its bytes.
template <>
struct FAIRLEAD_API Decoder<Bytes> {
    /// False: the value is no T, and `out` is not to be used.
    static bool decode(const Field& field, Bytes& out);
};

/// std::nullopt for NULL.
template <typename T>
struct Decoder<std::optional<T>> {
    /// False: the value is no T, and `out` is not to be used.
    static bool decode(const Field& field, std::optional<T>& out) {
        if (field.is_null()) return out.reset(), true;
        return Decoder<T>::decode(field, out.emplace());
    }
};

/// Whether NULL can be read as a T.
template <typename T>
inline constexpr bool is_optional = false;
/// It can.
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace fairlead

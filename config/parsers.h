#pragma once

#include "config/enum_names.h"
#include "config/value.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

/// Parsers for bind() in config/property.h: each turns one value into one member, or reports what it found
/// and what it expected and leaves the member as it was.
namespace fairlead::config {

/// Any string, empty or not.
void text(const Value& value, std::string& out);

/// A string with at least one character.
void filled_text(const Value& value, std::string& out);

/// A list of non-empty strings.
void text_list(const Value& value, std::vector<std::string>& out);

/// One non-empty string, or a list of them.
void text_or_list(const Value& value, std::vector<std::string>& out);

/// The same, and an empty list is a mistake.
void names(const Value& value, std::vector<std::string>& out);

/// A file that exists, is not empty and can be read; relative to the folder of the configuration file.
void file_path(const Value& value, std::string& out);

void flag(const Value& value, bool& out);

namespace detail {

/// Whole number within [least, most], or nothing and a mistake. A string that refers to the environment is
/// taken too.
std::optional<std::uint64_t> read_number(const Value& value, std::uint64_t least, std::uint64_t most);
std::optional<std::chrono::milliseconds> read_duration(const Value& value, std::chrono::milliseconds least);
std::optional<std::uint64_t> read_size(const Value& value, std::uint64_t least);

/// Index into `names`, or nothing and a mistake that lists them.
std::optional<std::size_t> read_choice(const Value& value, const std::vector<std::string_view>& names);

template <std::uint64_t Least, std::uint64_t Most>
struct NumberParser {
    template <typename Number>
    void operator()(const Value& value, Number& out) const {
        static_assert(Least <= std::numeric_limits<Number>::max());
        constexpr std::uint64_t widest = std::numeric_limits<Number>::max();
        if (auto number = read_number(value, Least, Most < widest ? Most : widest))
            out = static_cast<Number>(*number);
    }
};

template <std::int64_t LeastMs>
struct DurationParser {
    void operator()(const Value& value, std::chrono::milliseconds& out) const {
        if (auto duration = read_duration(value, std::chrono::milliseconds(LeastMs))) out = *duration;
    }
};

template <std::uint64_t Least>
struct SizeParser {
    void operator()(const Value& value, std::uint64_t& out) const {
        if (auto size = read_size(value, Least)) out = *size;
    }
};

struct ChoiceParser {
    template <typename Enum>
    void operator()(const Value& value, Enum& out) const {
        std::vector<std::string_view> names;
        for (const auto& entry : enum_names<Enum>()) names.push_back(entry.name);
        if (auto index = read_choice(value, names)) out = enum_names<Enum>()[*index].value;
    }
};

}  // namespace detail

/// A whole number from Least to Most (or what the member can hold).
template <std::uint64_t Least, std::uint64_t Most = std::numeric_limits<std::uint64_t>::max()>
inline constexpr detail::NumberParser<Least, Most> number{};

/// A duration of at least LeastMs: 1 where "none at all" makes no sense, 0 where zero means off.
template <std::int64_t LeastMs>
inline constexpr detail::DurationParser<LeastMs> duration{};

/// Bytes, as "128MiB" or a plain number.
template <std::uint64_t Least>
inline constexpr detail::SizeParser<Least> size{};

/// One word of an enumeration (config/enum_names.h).
inline constexpr detail::ChoiceParser choice{};

}  // namespace fairlead::config

#include "config/units.h"

#include <charconv>
#include <limits>

namespace fairlead::config {

namespace {

struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
};

constexpr Unit duration_units[] = {
    {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000},
};
constexpr Unit size_units[] = {
    {"", 1},       {"B", 1},      {"KiB", 1ull << 10}, {"MiB", 1ull << 20},   {"GiB", 1ull << 30},
    {"kB", 1'000}, {"KB", 1'000}, {"MB", 1'000'000},   {"GB", 1'000'000'000},
};

/// Ten years: far beyond any sense, and near enough that "now + duration" cannot overflow any clock in use.
constexpr std::uint64_t longest_ms = 3'650ull * 86'400'000ull;

template <std::size_t Count>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const Unit (&units)[Count],
                                             std::uint64_t most) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : units) {
        if (unit.suffix != suffix) continue;
        if (number > most / unit.factor) return std::nullopt;
        return number * unit.factor;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    auto ms = parse_with_unit(text, duration_units, longest_ms);
    if (!ms) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse_with_unit(text, size_units, std::numeric_limits<std::int64_t>::max());
}

}  // namespace fairlead::config

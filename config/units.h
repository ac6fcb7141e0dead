#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::config {

/// "250ms", "30s", "10m", "1h", "2d": a whole number and one unit, at most ten years. Anything else: nullopt.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512", "512B", "64KiB", "128MiB", "1GiB" (powers of 1024) and "64kB", "128MB", "1GB" (powers of 1000), in
/// bytes. Anything else, and what does not fit into 63 bits: nullopt.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace fairlead::config

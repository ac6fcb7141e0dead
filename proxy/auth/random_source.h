#pragma once

#include <cstdint>
#include <span>

namespace fairlead::proxy::auth {

/// Fills the span with unpredictable bytes; false: no randomness was to be had, and the login must fail.
/// A plain function, so that a test can hand in fixed bytes. Thread-safe.
using random_source = bool (*)(std::span<std::uint8_t> out);

/// The library's generator (OpenSSL RAND_bytes).
bool system_random(std::span<std::uint8_t> out);

}  // namespace fairlead::proxy::auth

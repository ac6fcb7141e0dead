#pragma once

#include <cstddef>
#include <cstdint>

namespace fairlead::policy {

struct verdict_cache_limits {
    std::size_t max_bytes = 64U << 20;   // keys, verdicts and their bookkeeping
    std::uint32_t max_variants = 256;    // kept sets of examined literals for one shape
    std::uint32_t max_tokens = 400'000;  // of one text; longer ones count as not understood
};

struct verdict_cache_counters {
    std::uint64_t hits = 0, misses = 0, evictions = 0, lexer_refusals = 0;
    std::size_t bytes = 0, entries = 0;
};

}  // namespace fairlead::policy

#pragma once

#include "policy/cache/limits.h"
#include "policy/postgres/guard.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace fairlead::policy::postgres {

/// Verdicts by token fingerprint: all tokens of the text, literals by kind only, plus the literals that the
/// verdict looked at. Keys are compared in full. Bounded by bytes; evicts the least recently used, those
/// asked for once before those asked for again. One per worker: not thread-safe. A hit allocates nothing.
///
/// A verdict that carries places in its text or values from it (refusals, settings, session commands) is kept
/// by the exact text instead. A text that our lexer does not take is refused with rule "lexer", or analysed
/// without caching for silo.
class VerdictCache {
public:
    using Limits = verdict_cache_limits;
    /// What analyse() is.
    using Analyser = std::function<Verdict(const GuardScope&, std::string_view own_schema,
                                           std::string_view sql, std::vector<std::uint32_t>* examined)>;

    explicit VerdictCache(std::size_t max_bytes) : VerdictCache(limits_of(max_bytes), analyse) {}
    VerdictCache(const Limits& limits, Analyser analyser);
    ~VerdictCache();

    /// The verdict for `sql`, from the cache or made now. Never null. `scope` is identified by address and
    /// `catalogue` epoch: call `forget(scope)` before a GuardScope dies.
    VerdictPtr check(const GuardScope& scope, std::string_view own_schema, std::string_view sql);
    void forget(const GuardScope& scope);

    using Counters = verdict_cache_counters;
    const Counters& counters() const;

private:
    static Limits limits_of(std::size_t max_bytes) {
        Limits limits;
        limits.max_bytes = max_bytes;
        return limits;
    }

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::policy::postgres

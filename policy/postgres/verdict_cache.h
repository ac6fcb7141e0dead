#pragma once

#include "policy/postgres/guard.h"

#include <cstddef>
#include <memory>

namespace fairlead::policy::postgres {

/// Verdicts by token fingerprint: all tokens of the text, literals by kind only, plus the literals that the verdict
/// looked at. Keys are compared in full. Bounded by bytes; evicts the least recently used. One per worker: not
/// thread-safe.
class VerdictCache {
public:
    explicit VerdictCache(std::size_t max_bytes);
    ~VerdictCache();

    /// The verdict for `sql`, from the cache or made now. Never null. `scope` is identified by address and
    /// `catalogue` epoch: call `forget(scope)` before a GuardScope dies.
    VerdictPtr check(const GuardScope& scope, std::string_view own_schema, std::string_view sql);
    void forget(const GuardScope& scope);

    struct Counters {
        std::uint64_t hits = 0, misses = 0, evictions = 0, lexer_refusals = 0;
        std::size_t bytes = 0, entries = 0;
    };
    const Counters& counters() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::policy::postgres

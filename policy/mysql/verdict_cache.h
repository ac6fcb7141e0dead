#pragma once

#include "policy/cache/limits.h"
#include "policy/mysql/guard.h"
#include "policy/mysql/lexer.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {

/// Verdicts by token fingerprint; see policy/cache/verdict_keeper.h for what is the same for both engines.
/// One per worker: not thread-safe. A hit allocates nothing.
///
/// Every key holds the scope's address, the catalogue's epoch, the lexer's mode, the exposed name, whether it
/// is the database's own, and whether the text is prepared or may hold several statements. It holds the
/// tenant and the database where the verdict says that it depends on them, and the literals that the analysis
/// reports as examined: whatever a literal's value decides must be reported, names written as strings
/// included. Verdicts with splices are shared by all texts of a shape; refusals, settings and commands are
/// kept by the exact text and the whole session.
class VerdictCache {
public:
    using Limits = verdict_cache_limits;
    using Counters = verdict_cache_counters;
    /// What analyse() is.
    using Analyser = std::function<Verdict(const GuardScope&, const Speaker&, std::string_view sql,
                                           std::vector<std::uint32_t>* examined)>;

    explicit VerdictCache(std::size_t max_bytes) : VerdictCache(limits_of(max_bytes), analyse) {}
    VerdictCache(const Limits& limits, Analyser analyser);
    ~VerdictCache();

    /// The verdict for `sql`, from the cache or made now. Never null. `scope` is identified by address and
    /// `catalogue` epoch: call `forget(scope)` before a GuardScope dies.
    VerdictPtr check(const GuardScope& scope, const Speaker& speaker, std::string_view sql);

    /// The tokens of the text that was checked last, for render(); empty if the lexer did not take it. Valid
    /// until the next check.
    const std::vector<token>& tokens() const;

    void forget(const GuardScope& scope);
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

}  // namespace fairlead::policy::mysql

#pragma once

#include "policy/mysql/verdict_cache.h"
#include "proxy/session/mysql/statement_judge.h"

#include <string>
#include <vector>

namespace fairlead::proxy::worker {

/// The guard behind its cache. One per worker; not thread-safe.
class cached_judge final : public mysql::statement_judge {
public:
    explicit cached_judge(std::size_t cache_bytes) : cache_(cache_bytes) {}

    policy::VerdictPtr check(const policy::mysql::GuardScope& scope, const policy::mysql::Speaker& speaker,
                             std::string_view sql) override;
    bool render(const policy::Verdict& verdict, const policy::mysql::Speaker& speaker,
                std::uint32_t connection_id, std::string_view sql, std::string& out) override;

    void forget(const policy::mysql::GuardScope& scope) { cache_.forget(scope); }
    const policy::verdict_cache_counters& counters() const { return cache_.counters(); }

private:
    policy::mysql::VerdictCache cache_;
    // The text that was checked last and how it was read: most texts are rendered right after.
    std::string checked_;
    policy::mysql::lex_mode checked_mode_;
    bool checked_known_ = false;
    std::vector<policy::mysql::token> tokens_;  // of any other
};

}  // namespace fairlead::proxy::worker

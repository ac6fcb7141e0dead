#pragma once

#include "policy/mysql/verdict_cache.h"
#include "proxy/session/mysql/statement_judge.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::proxy::mysql {

/// The guard with its cache. One per worker; not thread-safe.
class guard_judge final : public statement_judge {
public:
    /// `verdicts` outlives the judge.
    explicit guard_judge(policy::mysql::VerdictCache& verdicts) : verdicts_(verdicts) {}

    policy::VerdictPtr check(const policy::mysql::GuardScope& scope, const policy::mysql::Speaker& speaker,
                             std::string_view sql) override;
    bool render(const policy::Verdict& verdict, const policy::mysql::Speaker& speaker,
                std::uint32_t connection_id, std::string_view sql, std::string& out) override;

private:
    policy::mysql::VerdictCache& verdicts_;
    /// The text that the cache's tokens are of: statements that waited are rendered after others were
    /// checked.
    std::string checked_;
    policy::mysql::lex_mode mode_;
    std::vector<policy::mysql::token> tokens_;
};

}  // namespace fairlead::proxy::mysql

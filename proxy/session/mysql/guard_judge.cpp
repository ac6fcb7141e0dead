#include "proxy/session/mysql/guard_judge.h"

#include "policy/mysql/render.h"

namespace fairlead::proxy::mysql {
namespace {

constexpr std::size_t kept_text = 64 << 10;  // longer ones are read again rather than kept

}  // namespace

policy::VerdictPtr guard_judge::check(const policy::mysql::GuardScope& scope,
                                      const policy::mysql::Speaker& speaker, std::string_view sql) {
    policy::VerdictPtr verdict = verdicts_.check(scope, speaker, sql);
    if (!verdict->splices.empty()) {
        checked_.assign(sql.size() <= kept_text ? sql : std::string_view());
        mode_ = speaker.mode;
    } else {
        checked_.clear();
    }
    return verdict;
}

bool guard_judge::render(const policy::Verdict& verdict, const policy::mysql::Speaker& speaker,
                         std::uint32_t connection_id, std::string_view sql, std::string& out) {
    const policy::mysql::render_values values{speaker.tenant, speaker.database, connection_id};
    bool fresh = !checked_.empty() && mode_ == speaker.mode && checked_ == sql;
    if (fresh) return policy::mysql::render(sql, verdicts_.tokens(), verdict.splices, values, out);
    if (!policy::mysql::lex(sql, speaker.mode, tokens_)) return false;
    return policy::mysql::render(sql, tokens_, verdict.splices, values, out);
}

}  // namespace fairlead::proxy::mysql

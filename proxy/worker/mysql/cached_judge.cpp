#include "proxy/worker/mysql/cached_judge.h"

#include "policy/mysql/lexer.h"
#include "policy/mysql/render.h"

namespace fairlead::proxy::worker {
namespace {

// A longer text is read again rather than kept.
constexpr std::size_t longest_kept = 16 << 10;

}  // namespace

policy::VerdictPtr cached_judge::check(const policy::mysql::GuardScope& scope,
                                       const policy::mysql::Speaker& speaker, std::string_view sql) {
    policy::VerdictPtr verdict = cache_.check(scope, speaker, sql);
    checked_known_ = !verdict->refused && !verdict->splices.empty() && sql.size() <= longest_kept;
    if (checked_known_) {
        checked_.assign(sql);
        checked_mode_ = speaker.mode;
    }
    return verdict;
}

bool cached_judge::render(const policy::Verdict& verdict, const policy::mysql::Speaker& speaker,
                          std::uint32_t connection_id, std::string_view sql, std::string& out) {
    policy::mysql::render_values values{
        .tenant = speaker.tenant, .database = speaker.database, .connection_id = connection_id};
    if (checked_known_ && checked_mode_ == speaker.mode && checked_ == sql)
        return policy::mysql::render(sql, cache_.tokens(), verdict.splices, values, out);
    if (!policy::mysql::lex(sql, speaker.mode, tokens_)) return false;
    return policy::mysql::render(sql, tokens_, verdict.splices, values, out);
}

}  // namespace fairlead::proxy::worker

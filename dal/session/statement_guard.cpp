#include "dal/session/statement_guard.h"

#include "dal/session/call_rules.h"
#include "dal/session/known_texts.h"
#include "dal/session/thread_shard.h"
#include "policy/mysql/fingerprint.h"
#include "policy/mysql/named_placeholders.h"
#include "policy/mysql/render.h"
#include "policy/postgres/fingerprint.h"
#include "policy/postgres/named_placeholders.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal {
namespace {

constexpr std::size_t max_named_texts = 1'000;  // of one shard; an application has a few hundred at most

judged_ptr as_judged(const tenant_home& home, std::string_view sql, policy::VerdictPtr verdict,
                     std::string rewritten = {}) {
    const std::size_t hash = std::hash<std::string_view>()(rewritten.empty() ? sql : rewritten);
    Diagnostics refused;
    const bool is_plain = may_be_called(home.engine(), sql, *verdict, refused) && !leaves_state(*verdict);
    return std::make_shared<const judged_text>(
        judged_text{std::move(verdict), std::move(rewritten), hash, is_plain});
}

judged_ptr refuse(std::string rule, std::string message, std::string hint) {
    auto verdict = std::make_shared<policy::Verdict>();
    verdict->refused = true;
    verdict->refusal.rule = std::move(rule);
    verdict->refusal.message = std::move(message);
    verdict->refusal.hint = std::move(hint);
    return std::make_shared<const judged_text>(judged_text{std::move(verdict), {}, 0, false});
}

// Scopes are kept while anything is known by them, see below.
text_speaker speaker_of(const tenant_home& home) {
    const served_placement& served = home.placement->served;
    if (home.engine() == config::Engine::postgres)
        return {served.postgres.scope.get(), {}, home.place.own_schema, {}, {}};
    return {served.mysql.scope.get(), home.tenant(), home.place.server_database, home.place.exposed_database,
            *home.mode};
}

// A scope may die, and its address come back, only when nothing is cached for it: so those that were asked
// for are kept here, and given up together with what is cached.
template <typename Scope>
class kept_scopes {
public:
    void keep(const std::shared_ptr<const Scope>& scope) {
        if (last_ == scope.get()) return;
        const bool known =
            std::any_of(scopes_.begin(), scopes_.end(), [&](const auto& each) { return each == scope; });
        if (!known) scopes_.push_back(scope);
        last_ = scope.get();
    }
    template <typename Cache, typename Stays>
    void retain(Cache& cache, Stays stays) {
        std::erase_if(scopes_, [&](const auto& each) {
            if (stays(each)) return false;
            cache.forget(*each);
            return true;
        });
        last_ = nullptr;
    }

private:
    std::vector<std::shared_ptr<const Scope>> scopes_;
    const Scope* last_ = nullptr;
};

struct named_entry {
    policy::mysql::lex_mode mode;
    statement_guard::named_result result;
};

}  // namespace

struct alignas(64) statement_guard::shard {
    explicit shard(std::size_t max_bytes)
        : texts(max_bytes / 8), postgres(max_bytes / 16 * 7), mysql(max_bytes / 16 * 7) {}

    std::mutex mutex;
    known_texts texts;
    policy::postgres::VerdictCache postgres;
    policy::mysql::VerdictCache mysql;
    kept_scopes<policy::postgres::GuardScope> postgres_scopes;
    kept_scopes<policy::mysql::GuardScope> mysql_scopes;
    // By engine and text; a text is read again when another mode asks for it.
    std::unordered_map<std::string, named_entry, config::StringHash, std::equal_to<>> named[2];
};

statement_guard::statement_guard(std::size_t max_bytes) {
    for (auto& each : shards_) each = std::make_unique<shard>(max_bytes / shards_.size());
}

statement_guard::~statement_guard() = default;

judged_ptr statement_guard::judge(const tenant_home& home, std::string_view sql) {
    const std::uint64_t longest = home.version->snapshot->settings().proxy.max_statement_bytes;
    if (sql.size() > longest) {
        return refuse("too-complex", "the statement is longer than max_statement_bytes",
                      "Give long values as arguments, or use a bulk load.");
    }
    const bool postgres = home.engine() == config::Engine::postgres;
    if (!postgres && !home.mode) {
        return refuse("sql-mode", "texts cannot be read safely under this server's sql_mode",
                      "Set the account's or the server's sql_mode to one that is supported.");
    }
    const text_speaker speaker = speaker_of(home);
    shard& mine = *shards_[thread_shard(shards_.size())];
    std::lock_guard lock(mine.mutex);
    if (judged_ptr known = mine.texts.find(speaker, sql)) return known;
    judged_ptr judged = postgres ? judge_postgres(mine, home, sql) : judge_mysql(mine, home, sql);
    mine.texts.keep(speaker, sql, judged);
    return judged;
}

judged_ptr statement_guard::judge_postgres(shard& mine, const tenant_home& home, std::string_view sql) {
    const auto& scope = home.placement->served.postgres.scope;
    mine.postgres_scopes.keep(scope);
    return as_judged(home, sql, mine.postgres.check(*scope, home.place.own_schema, sql));
}

judged_ptr statement_guard::judge_mysql(shard& mine, const tenant_home& home, std::string_view sql) {
    const auto& scope = home.placement->served.mysql.scope;
    mine.mysql_scopes.keep(scope);
    policy::mysql::Speaker speaker;
    speaker.tenant = home.tenant();
    speaker.database = home.place.server_database;
    speaker.exposed = home.place.exposed_database;
    speaker.mode = *home.mode;
    speaker.prepared = true;
    policy::VerdictPtr verdict = mine.mysql.check(*scope, speaker, sql);
    if (verdict->refused || verdict->splices.empty()) return as_judged(home, sql, std::move(verdict));
    std::string rewritten;
    const policy::mysql::render_values values{speaker.tenant, speaker.database, 0};
    if (policy::mysql::render(sql, mine.mysql.tokens(), verdict->splices, values, rewritten))
        return as_judged(home, sql, std::move(verdict), std::move(rewritten));
    return refuse("not-verified", "the statement cannot be rewritten safely", "Write it in a simpler way.");
}

statement_guard::named_result statement_guard::named(const tenant_home& home, std::string_view sql) {
    const bool postgres = home.engine() == config::Engine::postgres;
    const policy::mysql::lex_mode mode = home.mode.value_or(policy::mysql::lex_mode());
    shard& mine = *shards_[thread_shard(shards_.size())];
    std::lock_guard lock(mine.mutex);
    auto& texts = mine.named[postgres ? 0 : 1];
    if (const auto known = texts.find(sql); known != texts.end()) {
        if (known->second.mode == mode) return known->second.result;
        texts.erase(known);
    }
    const policy::named_places found = postgres ? policy::postgres::find_named_placeholders(sql)
                                                : policy::mysql::find_named_placeholders(sql, mode);
    named_result made{nullptr, found.error, found.position};
    if (found.error.empty()) {
        made.text =
            std::make_shared<policy::named_text>(postgres ? policy::with_numbers(sql, found.places)
                                                          : policy::with_question_marks(sql, found.places));
        if (texts.size() >= max_named_texts) texts.clear();
        texts.emplace(sql, named_entry{mode, made});
    }
    return made;
}

std::uint64_t statement_guard::fingerprint(const tenant_home& home, std::string_view sql) const {
    std::string key;
    if (home.engine() == config::Engine::postgres) {
        std::vector<policy::postgres::token> tokens;
        if (!policy::postgres::lex(sql, tokens)) return hash_(sql);
        policy::postgres::append_fingerprint(sql, tokens, key);
    } else {
        std::vector<policy::mysql::token> tokens;
        if (!home.mode || !policy::mysql::lex(sql, *home.mode, tokens)) return hash_(sql);
        policy::mysql::append_fingerprint(sql, tokens, key);
    }
    return hash_(key);
}

void statement_guard::retain(const estate_version& version) {
    const auto stays = [&](const auto& scope) {
        return std::any_of(version.placements.begin(), version.placements.end(), [&](const auto& entry) {
            const served_placement& served = entry.second.served;
            const void* address = scope.get();
            return served.postgres.scope.get() == address || served.mysql.scope.get() == address;
        });
    };
    for (const auto& each : shards_) {
        std::lock_guard lock(each->mutex);
        each->texts.clear();
        each->postgres_scopes.retain(each->postgres, stays);
        each->mysql_scopes.retain(each->mysql, stays);
    }
}

}  // namespace fairlead::dal

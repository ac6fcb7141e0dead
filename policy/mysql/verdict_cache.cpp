#include "policy/mysql/verdict_cache.h"

#include "policy/cache/lexer_refusal.h"
#include "policy/cache/verdict_keeper.h"
#include "policy/mysql/fingerprint.h"

#include <utility>

namespace fairlead::policy::mysql {

namespace {

constexpr std::uint8_t tenant_bit = 1;
constexpr std::uint8_t database_bit = 2;

struct engine {
    using token = mysql::token;
    using lex_result = mysql::lex_result;
    struct question {
        const GuardScope& scope;
        const Speaker& speaker;
        std::string_view sql;
    };

    VerdictCache::Analyser analyser;

    static lex_result lex(const question& asked, std::uint32_t max_tokens, std::vector<token>& tokens) {
        lex_limits limits;
        limits.max_tokens = max_tokens;
        return mysql::lex(asked.sql, asked.speaker.mode, tokens, limits);
    }
    static bool is_literal(const token& t) { return mysql::is_literal(t.kind); }
    static bool passes_unread(const question& asked) { return asked.scope.model == config::Model::silo; }
    static VerdictPtr refuse(const question& asked, const lex_result& result) {
        bool too_much = result.error == lex_error::too_many_tokens || result.error == lex_error::too_long;
        return lexer_refusal(asked.sql, to_string(result.error), result.position, too_much,
                             "Send the statement in smaller parts.");
    }

    static void append_scope(const question& asked, std::string& key) {
        const Speaker& s = asked.speaker;
        const lex_mode& m = s.mode;
        append_raw(key, m.server);
        append_raw(key, m.server_version);
        append_raw(key, m.charset);
        const bool flags[] = {m.ansi_quotes,     m.no_backslash_escapes, m.ignore_space,
                              m.pipes_as_concat, m.high_not_precedence,  s.multi_statements,
                              s.prepared,        s.exposed == s.database};
        for (bool flag : flags) key.push_back(flag ? '1' : '0');
        append_text(key, s.exposed);
    }

    static constexpr std::uint8_t all_session_bits = tenant_bit | database_bit;
    static std::uint8_t session_bits(const Verdict& verdict) {
        unsigned bits =
            (verdict.depends_on_tenant ? tenant_bit : 0U) | (verdict.depends_on_database ? database_bit : 0U);
        return static_cast<std::uint8_t>(bits);
    }
    static void append_session(const question& asked, std::uint8_t bits, std::string& key) {
        if ((bits & tenant_bit) != 0) append_text(key, asked.speaker.tenant);
        if ((bits & database_bit) != 0) append_text(key, asked.speaker.database);
    }

    static void append_fingerprint(std::string_view sql, const std::vector<token>& tokens, std::string& key) {
        mysql::append_fingerprint(sql, tokens, key);
    }
    static void append_full(std::string_view sql, const token& t, std::string& key) {
        mysql::append_full(sql, t, key);
    }
    Verdict analyse(const question& asked, std::vector<std::uint32_t>* examined) const {
        return analyser(asked.scope, asked.speaker, asked.sql, examined);
    }
};

// A field that is added to lex_mode belongs into append_scope, too.
static_assert(sizeof(lex_mode) == 16);

}  // namespace

struct VerdictCache::Impl {
    verdict_keeper<engine> keeper;
};

VerdictCache::VerdictCache(const Limits& limits, Analyser analyser)
    : impl_(new Impl{verdict_keeper<engine>(limits, engine{std::move(analyser)})}) {}
VerdictCache::~VerdictCache() = default;

VerdictPtr VerdictCache::check(const GuardScope& scope, const Speaker& speaker, std::string_view sql) {
    return impl_->keeper.check({scope, speaker, sql});
}

const std::vector<token>& VerdictCache::tokens() const {
    return impl_->keeper.tokens();
}

void VerdictCache::forget(const GuardScope& scope) {
    impl_->keeper.forget(&scope);
}

const VerdictCache::Counters& VerdictCache::counters() const {
    return impl_->keeper.counters();
}

}  // namespace fairlead::policy::mysql

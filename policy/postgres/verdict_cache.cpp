#include "policy/postgres/verdict_cache.h"

#include "policy/cache/lexer_refusal.h"
#include "policy/cache/verdict_keeper.h"
#include "policy/postgres/fingerprint.h"
#include "policy/postgres/lexer.h"

#include <utility>

namespace fairlead::policy::postgres {

namespace {

struct engine {
    using token = postgres::token;
    using lex_result = postgres::lex_result;
    struct question {
        const GuardScope& scope;
        std::string_view own_schema;
        std::string_view sql;
    };

    VerdictCache::Analyser analyser;

    static lex_result lex(const question& asked, std::uint32_t max_tokens, std::vector<token>& tokens) {
        lex_limits limits;
        limits.max_tokens = max_tokens;
        return postgres::lex(asked.sql, tokens, limits);
    }
    static bool is_literal(const token& t) { return postgres::is_literal(t.kind); }
    static bool passes_unread(const question& asked) { return asked.scope.model == config::Model::silo; }
    static VerdictPtr refuse(const question& asked, const lex_result& result) {
        bool too_much = result.error == lex_error::too_many_tokens || result.error == lex_error::too_long;
        return lexer_refusal(asked.sql, to_string(result.error), result.position, too_much,
                             "Send the statement in smaller parts, or use COPY.");
    }

    static void append_scope(const question& asked, std::string& key) { append_text(key, asked.own_schema); }
    static constexpr std::uint8_t all_session_bits = 0;
    static std::uint8_t session_bits(const Verdict&) { return 0; }
    static void append_session(const question&, std::uint8_t, std::string&) {}

    static void append_fingerprint(std::string_view sql, const std::vector<token>& tokens, std::string& key) {
        postgres::append_fingerprint(sql, tokens, key);
    }
    static void append_full(std::string_view sql, const token& t, std::string& key) {
        postgres::append_full(sql, t, key);
    }
    Verdict analyse(const question& asked, std::vector<std::uint32_t>* examined) const {
        return analyser(asked.scope, asked.own_schema, asked.sql, examined);
    }
};

}  // namespace

struct VerdictCache::Impl {
    verdict_keeper<engine> keeper;
};

VerdictCache::VerdictCache(const Limits& limits, Analyser analyser)
    : impl_(new Impl{verdict_keeper<engine>(limits, engine{std::move(analyser)})}) {}
VerdictCache::~VerdictCache() = default;

VerdictPtr VerdictCache::check(const GuardScope& scope, std::string_view own_schema, std::string_view sql) {
    return impl_->keeper.check({scope, own_schema, sql});
}

void VerdictCache::forget(const GuardScope& scope) {
    impl_->keeper.forget(&scope);
}

const VerdictCache::Counters& VerdictCache::counters() const {
    return impl_->keeper.counters();
}

}  // namespace fairlead::policy::postgres

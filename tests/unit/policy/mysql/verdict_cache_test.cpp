#include "policy/mysql/verdict_cache.h"

#include "policy/mysql/render.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::policy::mysql {
namespace {

// Stands in for analyse(): looks at words only.
//   guarded      is followed by a splice with the tenant's mark
//   own 'x'      examines its literal and compares it with the tenant: the pin says how that went
//   server.t     a name compared with the database on the server
//   refuse, set  bound to the text
class fake_analysis {
public:
    Verdict operator()(const GuardScope&, const Speaker& speaker, std::string_view sql,
                       std::vector<std::uint32_t>* examined) {
        ++calls;
        Verdict verdict;
        verdict.depends_on_database = false;
        std::vector<token> tokens;
        if (!lex(sql, speaker.mode, tokens)) {
            verdict.pins = Pin::unparsed;
            return verdict;
        }
        for (std::uint32_t i = 0; i < tokens.size(); ++i) {
            std::string_view word = tokens[i].text_in(sql);
            if (word == "guarded") verdict.splices.push_back({i + 1, i + 1, std::string(1, tenant_mark)});
            if (word == "refuse") verdict.refused = true;
            if (word == "set") verdict.settings.push_back({.name = "x", .value = std::string(sql)});
            if (word == "server") {
                verdict.depends_on_database = true;
                verdict.command_name = speaker.database;
            }
            if (word != "own" || i + 1 == tokens.size()) continue;
            examined->push_back(i + 1);
            verdict.depends_on_tenant = true;
            std::string mine = "'" + std::string(speaker.tenant) + "'";
            if (tokens[i + 1].text_in(sql) == mine) verdict.pins = Pin::user_variable;
        }
        return verdict;
    }
    int calls = 0;
};

class mysql_verdict_cache : public ::testing::Test {
protected:
    VerdictPtr check(std::string_view sql) { return cache_.check(scope_, speaker_, sql); }
    VerdictPtr check_as(std::string_view tenant, std::string_view database, std::string_view sql) {
        Speaker other = speaker_;
        other.tenant = tenant;
        other.database = database;
        return cache_.check(scope_, other, sql);
    }
    bool analysed(const std::function<void()>& ask) {
        int before = analysis_.calls;
        ask();
        return analysis_.calls != before;
    }
    bool analysed(std::string_view sql) {
        return analysed([&] { check(sql); });
    }

    GuardScope scope_;
    Speaker speaker_{.tenant = "acme", .database = "db", .exposed = "shop", .mode = {}};
    fake_analysis analysis_;
    VerdictCache cache_{VerdictCache::Limits{}, std::ref(analysis_)};
};

TEST_F(mysql_verdict_cache, one_plan_for_all_literals_and_tenants) {
    VerdictPtr plan = check("SELECT a FROM guarded WHERE b = 1 AND c = 'x'");
    for (const char* tenant : {"acme", "beta"}) {
        std::string sql = "SELECT a FROM guarded WHERE b = 5234 AND c = 'it''s'";
        EXPECT_EQ(check_as(tenant, "other", sql), plan);
        std::string out;
        ASSERT_TRUE(
            render(sql, cache_.tokens(), plan->splices, {.tenant = tenant, .database = "other"}, out));
        EXPECT_EQ(out, "SELECT a FROM guarded '" + std::string(tenant) + "' WHERE b = 5234 AND c = 'it''s'");
    }
    EXPECT_EQ(analysis_.calls, 1);
    EXPECT_EQ(cache_.counters().hits, 2U);
}

TEST_F(mysql_verdict_cache, the_tenant_counts_where_a_literal_was_compared_with_it) {
    EXPECT_EQ(check("SELECT own 'acme', 1")->pins, Pin::user_variable);
    EXPECT_EQ(check_as("beta", "db", "SELECT own 'acme', 1")->pins, Pin::none);
    EXPECT_EQ(check_as("beta", "db", "SELECT own 'beta', 1")->pins, Pin::user_variable);
    EXPECT_EQ(check("SELECT own 'beta', 1")->pins, Pin::none);
    EXPECT_FALSE(analysed("SELECT own 'acme', 2"));
    EXPECT_EQ(analysis_.calls, 4);
}

TEST_F(mysql_verdict_cache, the_database_counts_where_a_name_was_compared_with_it) {
    EXPECT_EQ(check("SELECT server.a")->command_name, "db");
    EXPECT_EQ(check_as("acme", "db2", "SELECT server.a")->command_name, "db2");
    EXPECT_EQ(check_as("beta", "db", "SELECT server.a")->command_name, "db");
    EXPECT_EQ(analysis_.calls, 2);
}

// Without a boundary between them, tenant "ab" on "c" would be tenant "a" on "bc".
TEST_F(mysql_verdict_cache, values_of_the_session_do_not_run_together) {
    std::string sql = "SELECT own 'x', server.a";
    EXPECT_TRUE(analysed([&] { check_as("ab", "c", sql); }));
    EXPECT_TRUE(analysed([&] { check_as("a", "bc", sql); }));
    EXPECT_FALSE(analysed([&] { check_as("ab", "c", sql); }));
}

TEST_F(mysql_verdict_cache, refusals_and_settings_belong_to_text_and_session) {
    for (const char* sql : {"SELECT refuse 1", "set 1"}) {
        EXPECT_TRUE(analysed(sql));
        EXPECT_FALSE(analysed(sql));
        EXPECT_TRUE(analysed(std::string(sql) + "2"));
        EXPECT_TRUE(analysed([&] { check_as("beta", "db", sql); }));
        EXPECT_TRUE(analysed([&] { check_as("acme", "db2", sql); }));
    }
}

TEST_F(mysql_verdict_cache, everything_that_changes_lexing_and_reach_is_in_the_key) {
    const std::string sql = "SELECT a";
    check(sql);
    const std::vector<std::function<void(Speaker&)>> changes = {
        [](Speaker& s) { s.mode.server = flavour::mysql; },
        [](Speaker& s) { s.mode.server_version = 101101; },
        [](Speaker& s) { s.mode.charset = client_charset::latin1; },
        [](Speaker& s) { s.mode.ansi_quotes = true; },
        [](Speaker& s) { s.mode.no_backslash_escapes = true; },
        [](Speaker& s) { s.mode.ignore_space = true; },
        [](Speaker& s) { s.mode.pipes_as_concat = true; },
        [](Speaker& s) { s.mode.high_not_precedence = true; },
        [](Speaker& s) { s.multi_statements = true; },
        [](Speaker& s) { s.prepared = true; },
        [](Speaker& s) { s.exposed = "other"; },
        [](Speaker& s) { s.exposed = s.database; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        Speaker other = speaker_;
        changes[i](other);
        EXPECT_TRUE(analysed([&] { cache_.check(scope_, other, sql); })) << i;
        EXPECT_FALSE(analysed([&] { cache_.check(scope_, other, sql); })) << i;
    }
    EXPECT_FALSE(analysed(sql));
    GuardScope other_scope;
    EXPECT_TRUE(analysed([&] { cache_.check(other_scope, speaker_, sql); }));
    scope_.catalogue = std::make_shared<Catalogue>(std::vector<Relation>{}, std::vector<std::string>{}, 3);
    EXPECT_TRUE(analysed(sql));
}

TEST_F(mysql_verdict_cache, quotes_are_read_by_the_mode) {
    Speaker ansi = speaker_;
    ansi.mode.ansi_quotes = true;
    VerdictPtr name = cache_.check(scope_, ansi, "SELECT \"a\"");
    EXPECT_TRUE(analysed([&] { cache_.check(scope_, ansi, "SELECT \"b\""); }));
    EXPECT_TRUE(analysed("SELECT \"a\""));
    EXPECT_FALSE(analysed("SELECT \"b\""));
    EXPECT_NE(check("SELECT \"a\""), name);
}

TEST_F(mysql_verdict_cache, what_the_lexer_does_not_take) {
    EXPECT_EQ(check("SELECT 'a")->refusal.rule, "lexer");
    EXPECT_TRUE(cache_.tokens().empty());
    EXPECT_EQ(cache_.counters().lexer_refusals, 1U);
    scope_.model = config::Model::silo;
    EXPECT_EQ(check("SELECT 'a")->pins, Pin::unparsed);
}

TEST_F(mysql_verdict_cache, forgets_a_scope) {
    check("SELECT own 'x'");
    check("SELECT refuse");
    EXPECT_EQ(cache_.counters().entries, 3U);
    cache_.forget(scope_);
    EXPECT_EQ(cache_.counters().entries, 0U);
    EXPECT_EQ(cache_.counters().bytes, 0U);
}

}  // namespace
}  // namespace fairlead::policy::mysql

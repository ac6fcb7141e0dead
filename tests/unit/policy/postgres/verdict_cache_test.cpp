#include "policy/postgres/verdict_cache.h"

#include "policy/postgres/lexer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::policy::postgres {
namespace {

// Stands in for analyse(): a small policy over tokens, strict about the same promises. A verdict depends on
// all words, and on the literals it reports as examined; nothing else.
//   f('x')  examines its literal: 'bad' is refused, 'pin' pins; after 'deep' the literal that follows f's is
//   examined too EXECUTE name   carries places in the text
class fake_analysis {
public:
    Verdict operator()(const GuardScope& scope, std::string_view own_schema, std::string_view sql,
                       std::vector<std::uint32_t>* examined) {
        ++calls_;
        Verdict verdict;
        std::vector<token> tokens;
        if (!lex(sql, tokens)) {
            verdict.pins = Pin::unparsed;
            return verdict;
        }
        verdict.command_name = std::string(own_schema) + "/" + scope.tenant_column;
        for (std::uint32_t i = 0; i < tokens.size(); ++i) look(verdict, sql, tokens, i, examined);
        return verdict;
    }
    int calls() const { return calls_; }

private:
    static void look(Verdict& verdict, std::string_view sql, const std::vector<token>& tokens,
                     std::uint32_t i, std::vector<std::uint32_t>* examined) {
        std::string_view word = tokens[i].text_in(sql);
        if (word == "refuse") refuse(verdict, tokens[i].begin);
        if (word == "execute" && i + 1 < tokens.size()) {
            verdict.command = SessionCommand::execute;
            verdict.name_begin = tokens[i + 1].begin;
            verdict.name_end = tokens[i + 1].end;
        }
        if (word == "set" && i + 1 < tokens.size()) {
            verdict.settings.push_back({.name = "x", .value = std::string(tokens[i + 1].text_in(sql))});
        }
        if (word == "misreport") examined->push_back(i);
        if (word != "f" || i + 2 >= tokens.size() || !is_literal(tokens[i + 2].kind)) return;
        examined->push_back(i + 2);
        std::string_view value = tokens[i + 2].text_in(sql);
        if (value == "'bad'") refuse(verdict, tokens[i + 2].begin);
        if (value == "'pin'") verdict.pins = Pin::advisory_lock;
        if (value != "'deep'" || i + 4 >= tokens.size() || !is_literal(tokens[i + 4].kind)) return;
        examined->push_back(i + 4);
        if (tokens[i + 4].text_in(sql) == "1") verdict.pins = Pin::setting;
    }
    static void refuse(Verdict& verdict, std::uint32_t at) {
        verdict.refused = true;
        verdict.refusal.rule = "fake";
        verdict.refusal.position = at + 1;
    }

    int calls_ = 0;
};

bool same(const Verdict& a, const Verdict& b) {
    return a.refused == b.refused && a.refusal.rule == b.refusal.rule &&
           a.refusal.position == b.refusal.position && a.pins == b.pins && a.command == b.command &&
           a.command_name == b.command_name && a.name_begin == b.name_begin && a.name_end == b.name_end &&
           a.settings.size() == b.settings.size() &&
           (a.settings.empty() || a.settings[0].value == b.settings[0].value);
}

class verdict_cache : public ::testing::Test {
protected:
    using limits = VerdictCache::Limits;

    static std::unique_ptr<VerdictCache> make(fake_analysis& analysis, const limits& bounds = {}) {
        return std::make_unique<VerdictCache>(bounds, std::ref(analysis));
    }
    VerdictPtr check(std::string_view sql) { return cache_->check(scope_, "", sql); }
    bool analysed(std::string_view sql) {
        int before = analysis_.calls();
        check(sql);
        return analysis_.calls() != before;
    }

    GuardScope scope_;
    fake_analysis analysis_;
    std::unique_ptr<VerdictCache> cache_ = make(analysis_);
};

TEST_F(verdict_cache, one_verdict_for_all_literals_nobody_looked_at) {
    VerdictPtr first = check("SELECT a FROM t WHERE b = 1 AND c = 'x'");
    EXPECT_EQ(check("select a"), check("select  a -- again"));
    EXPECT_EQ(first, check("SELECT a FROM t -- c\n WHERE b=2 AND c='y'"));
    EXPECT_EQ(analysis_.calls(), 2);
    EXPECT_EQ(cache_->counters().hits, 2U);
    EXPECT_EQ(cache_->counters().misses, 2U);
}

TEST_F(verdict_cache, another_shape_is_another_verdict) {
    check("SELECT a FROM t WHERE b = 1");
    EXPECT_TRUE(analysed("SELECT a FROM t WHERE b = '1'"));
    EXPECT_TRUE(analysed("SELECT A FROM t WHERE b = 1"));
    EXPECT_TRUE(analysed("SELECT \"a\" FROM t WHERE b = 1"));
}

TEST_F(verdict_cache, examined_literals_belong_to_the_key) {
    EXPECT_EQ(check("SELECT f('pin'), 1")->pins, Pin::advisory_lock);
    EXPECT_EQ(check("SELECT f('x'), 1")->pins, Pin::none);
    EXPECT_FALSE(analysed("SELECT f('pin'), 2"));
    EXPECT_FALSE(analysed("SELECT f('x') , 2"));
    EXPECT_EQ(check("SELECT f('pin'), 3")->pins, Pin::advisory_lock);
    EXPECT_TRUE(analysed("SELECT f('PIN'), 1"));
}

TEST_F(verdict_cache, a_text_whose_analysis_looks_at_more_widens_the_key) {
    check("SELECT f('x', 0)");
    EXPECT_FALSE(analysed("SELECT f('x', 1)"));
    EXPECT_EQ(check("SELECT f('deep', 0)")->pins, Pin::none);
    EXPECT_EQ(check("SELECT f('deep', 1)")->pins, Pin::setting);
    EXPECT_EQ(check("SELECT f('deep', 2)")->pins, Pin::none);
    EXPECT_EQ(check("SELECT f('x', 1)")->pins, Pin::none);
    EXPECT_FALSE(analysed("SELECT f('deep', 1)"));
    EXPECT_FALSE(analysed("SELECT f('x', 1)"));
}

TEST_F(verdict_cache, places_in_the_text_are_never_shared) {
    EXPECT_EQ(check("execute p")->name_begin, 8U);
    EXPECT_EQ(check("execute    p")->name_begin, 11U);
    EXPECT_EQ(check("SELECT refuse")->refusal.position, 8U);
    EXPECT_EQ(check("/**/ SELECT refuse")->refusal.position, 13U);
    EXPECT_EQ(check("set 'a'")->settings[0].value, "'a'");
    EXPECT_EQ(check("set 'b'")->settings[0].value, "'b'");
    for (const char* sql : {"execute p", "execute    p", "SELECT refuse", "/**/ SELECT refuse", "set 'a'"}) {
        EXPECT_FALSE(analysed(sql)) << sql;
    }
}

TEST_F(verdict_cache, a_refused_value_does_not_spoil_its_shape) {
    EXPECT_TRUE(check("SELECT f('bad')")->refused);
    EXPECT_FALSE(check("SELECT f('x')")->refused);
    EXPECT_TRUE(check("SELECT f('bad')")->refused);
    EXPECT_FALSE(check("SELECT f('x')")->refused);
    EXPECT_EQ(analysis_.calls(), 2);
}

TEST_F(verdict_cache, an_examined_index_that_is_no_literal_keeps_the_exact_text_only) {
    check("misreport 1");
    EXPECT_FALSE(analysed("misreport 1"));
    EXPECT_TRUE(analysed("misreport 2"));
}

TEST_F(verdict_cache, scope_schema_and_catalogue_belong_to_the_key) {
    GuardScope other;
    other.tenant_column = "other";
    EXPECT_EQ(cache_->check(scope_, "a", "SELECT 1")->command_name, "a/");
    EXPECT_EQ(cache_->check(scope_, "b", "SELECT 1")->command_name, "b/");
    EXPECT_EQ(cache_->check(other, "a", "SELECT 1")->command_name, "a/other");
    EXPECT_EQ(cache_->check(scope_, "a", "SELECT 1")->command_name, "a/");
    EXPECT_EQ(analysis_.calls(), 3);
    scope_.catalogue = std::make_shared<Catalogue>(std::vector<Relation>{}, std::vector<std::string>{}, 0);
    cache_->check(scope_, "a", "SELECT 1");
    EXPECT_EQ(analysis_.calls(), 4);
    scope_.catalogue = std::make_shared<Catalogue>(std::vector<Relation>{}, std::vector<std::string>{}, 1);
    cache_->check(scope_, "a", "SELECT 1");
    cache_->check(scope_, "a", "SELECT 1");
    EXPECT_EQ(analysis_.calls(), 5);
}

TEST_F(verdict_cache, a_schema_name_cannot_pass_for_a_piece_of_the_statement) {
    cache_->check(scope_, "a", "SELECT 1");
    int before = analysis_.calls();
    cache_->check(scope_, std::string("a\x01\x06SELECT", 9), "1");
    EXPECT_EQ(analysis_.calls(), before + 1);
}

TEST_F(verdict_cache, forget_takes_one_scope_out) {
    GuardScope other;
    cache_->check(other, "", "SELECT f('x')");
    check("SELECT f('x')");
    check("SELECT f('y')");
    check("SELECT f('y')");
    check("SELECT 1");
    check("execute p");
    ASSERT_EQ(cache_->counters().entries, 7U);
    cache_->forget(scope_);
    EXPECT_EQ(cache_->counters().entries, 2U);
    int before = analysis_.calls();
    cache_->check(other, "", "SELECT f('x')");
    EXPECT_EQ(analysis_.calls(), before);
    EXPECT_TRUE(analysed("SELECT 1"));
    EXPECT_TRUE(analysed("SELECT f('y')"));
    cache_->forget(other);
    cache_->forget(scope_);
    EXPECT_EQ(cache_->counters().entries, 0U);
    EXPECT_EQ(cache_->counters().bytes, 0U);
}

TEST_F(verdict_cache, what_the_lexer_does_not_take_is_refused) {
    for (auto model : {config::Model::pool, config::Model::bridge}) {
        scope_.model = model;
        VerdictPtr verdict = check("SELECT 'é', 'b");
        EXPECT_TRUE(verdict->refused);
        EXPECT_EQ(verdict->refusal.rule, "lexer");
        EXPECT_EQ(verdict->refusal.sqlstate, "42601");
        EXPECT_EQ(verdict->refusal.position, 13U);  // characters, not bytes
    }
    EXPECT_EQ(analysis_.calls(), 0);
    EXPECT_EQ(cache_->counters().lexer_refusals, 2U);
    EXPECT_EQ(cache_->counters().entries, 0U);
}

TEST_F(verdict_cache, silo_analyses_what_the_lexer_does_not_take) {
    scope_.model = config::Model::silo;
    EXPECT_EQ(check("SELECT 'b")->pins, Pin::unparsed);
    EXPECT_TRUE(analysed("SELECT 'b"));
    EXPECT_EQ(cache_->counters().entries, 0U);
    EXPECT_EQ(cache_->counters().lexer_refusals, 0U);
}

TEST_F(verdict_cache, too_many_tokens_are_refused) {
    limits bounds;
    bounds.max_tokens = 5;
    cache_ = make(analysis_, bounds);
    EXPECT_FALSE(check("a b c d e")->refused);
    VerdictPtr verdict = check("a b c d e f");
    EXPECT_TRUE(verdict->refused);
    EXPECT_EQ(verdict->refusal.rule, "lexer");
    EXPECT_EQ(verdict->refusal.sqlstate, "54001");
}

std::string shape(int i) {
    return "SELECT column_" + std::to_string(i) + " FROM t WHERE id = 1";
}

TEST_F(verdict_cache, is_bounded_by_bytes) {
    limits bounds;
    bounds.max_bytes = 256 << 10;
    cache_ = make(analysis_, bounds);
    for (int i = 0; i < 5'000; ++i) {
        check(shape(i));
        check("SELECT f('" + std::to_string(i) + "')");
        check("execute p" + std::to_string(i));
        ASSERT_LE(cache_->counters().bytes, bounds.max_bytes);
    }
    EXPECT_GT(cache_->counters().evictions, 10'000U);
    EXPECT_GT(cache_->counters().entries, 100U);
    EXPECT_GT(cache_->counters().bytes, bounds.max_bytes / 2);
}

TEST_F(verdict_cache, the_least_recently_used_goes_first) {
    limits bounds;
    bounds.max_bytes = 64 << 10;
    cache_ = make(analysis_, bounds);
    int kept = 0;
    for (; cache_->counters().evictions == 0; ++kept) check(shape(kept));
    EXPECT_FALSE(analysed(shape(kept - 1)));
    EXPECT_FALSE(analysed(shape(1)));
    EXPECT_TRUE(analysed(shape(0)));
}

TEST_F(verdict_cache, a_flood_of_shapes_leaves_those_that_are_used_again) {
    limits bounds;
    bounds.max_bytes = 256 << 10;
    cache_ = make(analysis_, bounds);
    auto regular = [](int i) { return "UPDATE regular_" + std::to_string(i) + " SET a = 1"; };
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 50; ++i) check(regular(i));
    }
    for (int i = 0; i < 20'000; ++i) check(shape(i));
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(analysed(regular(i))) << i;
}

TEST_F(verdict_cache, protected_verdicts_age_as_well) {
    limits bounds;
    bounds.max_bytes = 64 << 10;
    cache_ = make(analysis_, bounds);
    for (int i = 0; i < 2'000; ++i) {
        check(shape(i));
        check(shape(i));
    }
    EXPECT_TRUE(analysed(shape(0)));
    EXPECT_FALSE(analysed(shape(1'999)));
}

TEST_F(verdict_cache, a_flood_of_literals_leaves_other_shapes_and_the_literals_used_again) {
    limits bounds;
    bounds.max_variants = 16;
    cache_ = make(analysis_, bounds);
    check("SELECT f('regular'), 1");
    check("SELECT f('regular'), 1");
    for (int i = 0; i < 2'000; ++i) check("SELECT f('" + std::to_string(i) + "'), 1");
    EXPECT_EQ(cache_->counters().entries, 17U);  // the shape and its variants
    EXPECT_FALSE(analysed("SELECT f('regular'), 1"));
    EXPECT_FALSE(analysed("SELECT f('1999'), 1"));
    EXPECT_TRUE(analysed("SELECT f('0'), 1"));
}

TEST_F(verdict_cache, variants_that_are_all_used_again_still_make_room) {
    limits bounds;
    bounds.max_variants = 4;
    cache_ = make(analysis_, bounds);
    for (int i = 0; i < 10; ++i) {
        check("SELECT f('" + std::to_string(i) + "')");
        check("SELECT f('" + std::to_string(i) + "')");
    }
    EXPECT_EQ(cache_->counters().entries, 5U);
    EXPECT_FALSE(analysed("SELECT f('9')"));
    EXPECT_TRUE(analysed("SELECT f('0')"));
}

TEST_F(verdict_cache, a_text_too_large_for_its_place_is_not_kept) {
    limits bounds;
    bounds.max_bytes = 64 << 10;
    cache_ = make(analysis_, bounds);
    check(shape(1));
    std::string large = "SELECT " + std::string(32 << 10, 'x');
    EXPECT_TRUE(analysed(large));
    EXPECT_TRUE(analysed(large));
    EXPECT_FALSE(analysed(shape(1)));
}

// The property everything rests on: whatever was asked before, under whatever pressure, the answer is the
// analysis'.
TEST_F(verdict_cache, answers_as_the_analysis_does) {
    std::mt19937 random(4711);
    auto pick = [&](std::initializer_list<const char*> of) {
        return std::string(of.begin()[random() % of.size()]);
    };
    for (std::size_t bytes : {std::size_t{20} << 10, std::size_t{4} << 20}) {
        limits bounds;
        bounds.max_bytes = bytes;
        bounds.max_variants = 3;
        cache_ = make(analysis_, bounds);
        fake_analysis oracle;
        for (int i = 0; i < 20'000; ++i) {
            std::string sql;
            for (auto n = 1 + random() % 3; n > 0; --n) {
                sql += pick({"f('bad', 1)", "f('pin', 2)", "f('deep', 1)", "f('deep', 2)", "f('x', 1)",
                             "f('y', 3)", "g", "g('bad', 1)", "refuse", "execute p", "set 'a'", "set 'b'",
                             "misreport 1", "misreport 2"});
                sql += pick({" ", "\n", " -- f('bad')\n", " /* refuse */ "});
            }
            std::string schema = pick({"", "s1", "s2"});
            VerdictPtr got = cache_->check(scope_, schema, sql);
            std::vector<std::uint32_t> ignored;
            ASSERT_TRUE(same(*got, oracle(scope_, schema, sql, &ignored))) << sql;
        }
        EXPECT_GT(cache_->counters().hits, 1'000U);
        EXPECT_GT(cache_->counters().evictions, 1'000U);
    }
}

}  // namespace
}  // namespace fairlead::policy::postgres

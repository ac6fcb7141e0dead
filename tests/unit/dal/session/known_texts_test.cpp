#include "dal/session/known_texts.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace fairlead::dal {
namespace {

constexpr std::size_t much = std::size_t{1} << 20;

judged_ptr some_verdict(std::string rewritten = {}) {
    return std::make_shared<const judged_text>(
        judged_text{std::make_shared<policy::Verdict>(), std::move(rewritten), 0, false});
}

text_speaker speaker_of(const int& scope) {
    return {&scope, "acme", "shop_1", "shop", {}};
}

TEST(KnownTexts, FindsTheSameTextOfTheSameSpeaker) {
    const int scope = 0;
    const judged_ptr judged = some_verdict();
    known_texts texts(much);
    EXPECT_EQ(texts.find(speaker_of(scope), "SELECT 1"), nullptr);
    texts.keep(speaker_of(scope), "SELECT 1", judged);
    EXPECT_EQ(texts.find(speaker_of(scope), "SELECT 1"), judged);
    EXPECT_EQ(texts.find(speaker_of(scope), "SELECT 2"), nullptr);
    EXPECT_EQ(texts.find(speaker_of(scope), "select 1"), nullptr);
    EXPECT_EQ(texts.find(speaker_of(scope), "SELECT 1 "), nullptr);
}

// One tenant's rewritten text holds its id and its database: nobody else may be given it.
TEST(KnownTexts, WhatDiffersInAnythingThatDecidesIsUnknown) {
    const int scope = 0, other_scope = 0;
    known_texts texts(much);
    texts.keep(speaker_of(scope), "SELECT 1", some_verdict());
    const auto is_known = [&](auto change) {
        text_speaker other = speaker_of(scope);
        change(other);
        return texts.find(other, "SELECT 1") != nullptr;
    };
    EXPECT_TRUE(is_known([](text_speaker&) {}));
    EXPECT_FALSE(is_known([&](text_speaker& s) { s.scope = &other_scope; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.tenant = "globex"; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.database = "shop_2"; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.exposed = "store"; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.server = policy::mysql::flavour::mysql; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.server_version = 80'036; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.charset = policy::mysql::client_charset::latin1; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.ansi_quotes = true; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.no_backslash_escapes = true; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.ignore_space = true; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.pipes_as_concat = true; }));
    EXPECT_FALSE(is_known([](text_speaker& s) { s.mode.high_not_precedence = true; }));
}

// More than there are places: some fall on one.
TEST(KnownTexts, TextsOfOnePlaceAreNotTakenForEachOther) {
    const int scope = 0;
    known_texts texts(64 * much);
    for (int i = 0; i < 10'000; ++i) {
        const std::string sql = "SELECT " + std::to_string(i);
        EXPECT_EQ(texts.find(speaker_of(scope), sql), nullptr);
        const judged_ptr judged = some_verdict(sql + " WHERE tenant_id = 'acme'");
        texts.keep(speaker_of(scope), sql, judged);
        EXPECT_EQ(texts.find(speaker_of(scope), sql), judged);
    }
}

// Direct mapping that ignored the tenant would give all tenants of one text the same place.
TEST(KnownTexts, TenantsWithTheSameTextDoNotPushEachOtherOut) {
    const int scope = 0;
    known_texts texts(much);
    const auto each_tenant = [&](auto call) {
        for (int i = 0; i < 200; ++i) {
            const std::string tenant = "t" + std::to_string(i);
            text_speaker speaker = speaker_of(scope);
            speaker.tenant = tenant;
            call(speaker);
        }
    };
    each_tenant([&](const text_speaker& speaker) { texts.keep(speaker, "SELECT 1", some_verdict()); });
    int known = 0;
    each_tenant([&](const text_speaker& speaker) { known += texts.find(speaker, "SELECT 1") ? 1 : 0; });
    EXPECT_GT(known, 180);
}

TEST(KnownTexts, LongTextsAndForgottenOnesAreUnknown) {
    const int scope = 0;
    known_texts texts(much);
    const std::string large(5'000, ' ');
    texts.keep(speaker_of(scope), large, some_verdict());
    texts.keep(speaker_of(scope), "SELECT 1", some_verdict());
    EXPECT_EQ(texts.find(speaker_of(scope), large), nullptr);
    texts.clear();
    EXPECT_EQ(texts.find(speaker_of(scope), "SELECT 1"), nullptr);
}

TEST(KnownTexts, KeepsNoMoreThanItsBytes) {
    const int scope = 0;
    known_texts texts(50'000);
    const auto text = [](int i) { return std::to_string(i) + std::string(2'000, ' '); };
    for (int i = 0; i < 100; ++i) texts.keep(speaker_of(scope), text(i), some_verdict());
    int known = 0;
    for (int i = 0; i < 100; ++i) known += texts.find(speaker_of(scope), text(i)) ? 1 : 0;
    EXPECT_GT(known, 0);
    EXPECT_LT(known, 25);
    EXPECT_NE(texts.find(speaker_of(scope), text(99)), nullptr);
    // What was replaced does not count any more.
    for (int i = 0; i < 100; ++i) texts.keep(speaker_of(scope), "SELECT 1", some_verdict());
    EXPECT_NE(texts.find(speaker_of(scope), text(99)), nullptr);
    // The rewritten text counts, too.
    texts.keep(speaker_of(scope), "SELECT 2", some_verdict(std::string(60'000, ' ')));
    EXPECT_EQ(texts.find(speaker_of(scope), "SELECT 2"), nullptr);
}

}  // namespace
}  // namespace fairlead::dal

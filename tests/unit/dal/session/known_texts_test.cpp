#include "dal/session/known_texts.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace fairlead::dal {
namespace {

policy::VerdictPtr some_verdict() {
    return std::make_shared<policy::Verdict>();
}

TEST(KnownTexts, FindsWhatIsTheSameInScopeSchemaAndText) {
    const int scope = 0, other = 0;
    const policy::VerdictPtr verdict = some_verdict();
    known_texts texts;
    texts.keep(&scope, "s", "SELECT 1", verdict);
    EXPECT_EQ(texts.find(&scope, "s", "SELECT 1"), verdict);
    EXPECT_EQ(texts.find(&other, "s", "SELECT 1"), nullptr);
    EXPECT_EQ(texts.find(&scope, "t", "SELECT 1"), nullptr);
    EXPECT_EQ(texts.find(&scope, "s", "SELECT 2"), nullptr);
    EXPECT_EQ(texts.find(&scope, "s", "select 1"), nullptr);
}

// More than there are places: some fall on one.
TEST(KnownTexts, TextsOfOnePlaceAreNotTakenForEachOther) {
    const int scope = 0;
    known_texts texts;
    for (int i = 0; i < 1'000; ++i) {
        const std::string sql = "SELECT " + std::to_string(i);
        EXPECT_EQ(texts.find(&scope, "", sql), nullptr);
        const policy::VerdictPtr verdict = some_verdict();
        texts.keep(&scope, "", sql, verdict);
        EXPECT_EQ(texts.find(&scope, "", sql), verdict);
    }
}

TEST(KnownTexts, LongTextsAndForgottenOnesAreUnknown) {
    const int scope = 0;
    known_texts texts;
    const std::string large(5'000, ' ');
    texts.keep(&scope, "", large, some_verdict());
    texts.keep(&scope, "", "SELECT 1", some_verdict());
    EXPECT_EQ(texts.find(&scope, "", large), nullptr);
    texts.clear();
    EXPECT_EQ(texts.find(&scope, "", "SELECT 1"), nullptr);
}

}  // namespace
}  // namespace fairlead::dal

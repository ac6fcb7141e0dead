#include "dal/c_api/boundary.h"

#include "fairlead/error.h"

#include <gmock/gmock.h>

#include <new>
#include <stdexcept>

namespace fairlead::dal::c_api {
namespace {

using testing::HasSubstr;
using testing::StrEq;

Diagnostics refused() {
    Diagnostics diagnostics;
    diagnostics.set(errc::refused);
    diagnostics.message = "no";
    diagnostics.hint = "ask otherwise";
    diagnostics.rule = "unknown-table";
    diagnostics.position = 7;
    return diagnostics;
}

TEST(c_api_boundary, success_clears_an_error_that_stood_there) {
    auto* stale = reinterpret_cast<fairlead_error*>(1);
    EXPECT_EQ(guarded(&stale, [] {}), FAIRLEAD_OK);
    EXPECT_EQ(stale, nullptr);
}

TEST(c_api_boundary, an_exception_of_the_library_arrives_whole) {
    fairlead_error* error = nullptr;
    EXPECT_EQ(guarded(&error, [] { throw_error(refused()); }), FAIRLEAD_REFUSED);
    EXPECT_EQ(fairlead_error_kind(error), FAIRLEAD_REFUSED);
    EXPECT_THAT(fairlead_error_message(error), StrEq("no"));
    EXPECT_THAT(fairlead_error_hint(error), StrEq("ask otherwise"));
    EXPECT_THAT(fairlead_error_rule(error), StrEq("unknown-table"));
    EXPECT_THAT(fairlead_error_sqlstate(error), StrEq(""));
    EXPECT_EQ(fairlead_error_position(error), 7U);
    fairlead_error_free(error);
}

TEST(c_api_boundary, who_does_not_ask_gets_the_kind_alone) {
    EXPECT_EQ(guarded(nullptr, [] { throw_error(refused()); }), FAIRLEAD_REFUSED);
}

TEST(c_api_boundary, other_exceptions_stay_inside_too) {
    fairlead_error* error = nullptr;
    EXPECT_EQ(guarded(&error, [] { throw std::out_of_range("far out"); }), FAIRLEAD_USAGE);
    EXPECT_THAT(fairlead_error_message(error), HasSubstr("far out"));
    fairlead_error_free(error);
    EXPECT_EQ(guarded(&error, [] { throw 1; }), FAIRLEAD_USAGE);
    fairlead_error_free(error);
}

TEST(c_api_boundary, the_error_of_no_memory_may_be_freed_like_any_other) {
    for (int i = 0; i < 2; ++i) {
        fairlead_error* error = nullptr;
        EXPECT_EQ(guarded(&error, [] { throw std::bad_alloc(); }), FAIRLEAD_RESOURCES);
        EXPECT_THAT(fairlead_error_message(error), StrEq("out of memory"));
        fairlead_error_free(error);
    }
}

TEST(c_api_boundary, a_handle_that_could_not_be_made_is_null) {
    fairlead_error* error = nullptr;
    EXPECT_EQ(guarded_handle<int>(&error, []() -> int { throw_error(refused()); }), nullptr);
    EXPECT_EQ(fairlead_error_kind(error), FAIRLEAD_REFUSED);
    fairlead_error_free(error);
    const std::unique_ptr<int> made(guarded_handle<int>(&error, [] { return 5; }));
    EXPECT_EQ(*made, 5);
    EXPECT_EQ(error, nullptr);
}

TEST(c_api_boundary, an_error_of_the_callers_own_always_is_one) {
    fairlead_error* error = fairlead_error_new(FAIRLEAD_SERIALIZATION, "again");
    EXPECT_EQ(fairlead_error_kind(error), FAIRLEAD_SERIALIZATION);
    EXPECT_THAT(fairlead_error_message(error), StrEq("again"));
    fairlead_error_free(error);
    error = fairlead_error_new(FAIRLEAD_OK, nullptr);
    EXPECT_EQ(fairlead_error_kind(error), FAIRLEAD_USAGE);
    fairlead_error_free(error);
}

TEST(c_api_boundary, no_error_is_ok_and_has_empty_texts) {
    EXPECT_EQ(fairlead_error_kind(nullptr), FAIRLEAD_OK);
    EXPECT_THAT(fairlead_error_message(nullptr), StrEq(""));
    fairlead_error_free(nullptr);
}

}  // namespace
}  // namespace fairlead::dal::c_api

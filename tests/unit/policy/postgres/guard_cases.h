#pragma once

#include "unit/policy/postgres/shop_scope.h"

#include <gtest/gtest.h>

#include <span>

namespace fairlead::policy::postgres::testing {

inline void expect_verdicts(const GuardScope& scope, std::span<const verdict_case> cases,
                            std::string_view own_schema = "") {
    for (const verdict_case& one : cases) EXPECT_EQ(rule_of(scope, one.sql, own_schema), one.rule) << one.sql;
}

}  // namespace fairlead::policy::postgres::testing

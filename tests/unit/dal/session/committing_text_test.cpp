#include "dal/session/committing_text.h"

#include <gtest/gtest.h>

namespace fairlead::dal {
namespace {

TEST(CommittingText, WhatTouchesRowsOnlyDoesNot) {
    for (const char* sql : {"SELECT 1", "/* a */ select 1", "-- a\n((SELECT 1))", "Insert INTO t VALUES (1)",
                            "UPDATE t SET a = 1", "DELETE FROM t", "REPLACE INTO t VALUES (1)",
                            "WITH a AS (SELECT 1) SELECT * FROM a", "VALUES (1)", "EXPLAIN SELECT 1", "DO 1",
                            "SHOW TABLES", "", "# nothing"})
        EXPECT_FALSE(may_commit_unasked(sql)) << sql;
}

TEST(CommittingText, EverythingElseMayAndSoMayWhatCannotBeRead) {
    for (const char* sql : {"CREATE TABLE t (i int)", "drop table t", "ALTER TABLE t ADD i int", "CALL p()",
                            "LOCK TABLES t READ", "ANALYZE TABLE t", "/*!50000 CREATE */ TABLE t (i int)",
                            "SELECTED", "SELECT 'open", "SET PASSWORD = 'x'", "`select`"})
        EXPECT_TRUE(may_commit_unasked(sql)) << sql;
}

}  // namespace
}  // namespace fairlead::dal

#include "policy/postgres/policy_ddl.h"
#include "policy/postgres/quote.h"
#include "policy/postgres/tenant_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairlead::policy::postgres {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

PolicyPlan plan() {
    PolicyPlan out;
    out.tenant_column = "tenant_id";
    out.app_role = "app";
    out.database = {"shop", true};
    out.schemas = {{"public", true}};
    out.tenant_tables = {{{"public", "orders"}, "text", false, false}};
    return out;
}

std::vector<ContextKey> one_key() {
    ContextKey key{"0a1b2c3d", {}};
    key.secret.fill(0x36);
    return {key};
}

std::string all(const std::vector<std::string>& statements) {
    std::string out;
    for (const std::string& statement : statements) out += statement + ";\n";
    return out;
}

TEST(Quote, NamesAndLiteralsCannotBreakOut) {
    EXPECT_EQ(quote_identifier("a\"; DROP"), "\"a\"\"; DROP\"");
    EXPECT_EQ(quote_qualified("S", "t"), "\"S\".\"t\"");
    EXPECT_EQ(quote_literal("o'clock"), "'o''clock'");
    EXPECT_EQ(quote_literal("a\\'b"), " E'a\\\\''b'");
}

TEST(PolicyDdl, EveryTablePutsForceAndOneRestrictivePolicyForAll) {
    const auto statements = tenant_table_ddl(plan(), plan().tenant_tables[0]);
    ASSERT_TRUE(statements.ok());
    const std::string test = "(\"tenant_id\" OPERATOR(pg_catalog.=) (SELECT fairlead.tenant()))";
    EXPECT_THAT(*statements, Contains("ALTER TABLE \"public\".\"orders\" FORCE ROW LEVEL SECURITY"));
    EXPECT_THAT(*statements,
                Contains("CREATE POLICY fairlead_tenant ON \"public\".\"orders\" AS RESTRICTIVE FOR ALL TO "
                         "PUBLIC USING " +
                         test + " WITH CHECK " + test));
}

TEST(PolicyDdl, TheDefaultIsTheClaimedTenantAndCast) {
    PolicyPlan given = plan();
    given.tenant_tables[0].column_type = "bigint";
    const auto statements = tenant_table_ddl(given, given.tenant_tables[0]);
    ASSERT_TRUE(statements.ok());
    EXPECT_THAT(*statements,
                Contains(HasSubstr("SET DEFAULT (NULLIF(pg_catalog.substr(pg_catalog.current_setting("
                                   "'fairlead.context', true), 114), ''))::pg_catalog.int8")));
    EXPECT_THAT(*statements, Contains(HasSubstr("(SELECT (fairlead.tenant())::pg_catalog.int8)")));
}

TEST(PolicyDdl, WhatIsRightAlreadyIsNotTouched) {
    PolicyPlan given = plan();
    given.tenant_tables[0].has_policies = given.tenant_tables[0].has_default = true;
    const auto statements = tenant_table_ddl(given, given.tenant_tables[0]);
    EXPECT_THAT(*statements, Not(Contains(HasSubstr("ALTER TABLE"))));
    EXPECT_THAT(*statements, Not(Contains(HasSubstr("POLICY"))));
}

TEST(PolicyDdl, InexactTypesAreRefused) {
    for (const char* type : {"character", "numeric", "citext", "jsonb", "real", ""}) {
        EXPECT_FALSE(tenant_table_ddl(plan(), {{"public", "orders"}, type, false, false}).ok()) << type;
        EXPECT_FALSE(shown_policy_expression("tenant_id", type)) << type;
    }
}

TEST(PolicyDdl, KeysAreWrittenAndOthersOfTheRoleRemoved) {
    const auto statements = context_key_ddl("app", one_key());
    ASSERT_EQ(statements.size(), 2u);
    EXPECT_THAT(statements[0], HasSubstr("decode('" + std::string(64, '0')));  // 0x36 ^ 0x36
    EXPECT_EQ(statements[1],
              "DELETE FROM fairlead.context_key WHERE role = 'app' AND id NOT IN ('0a1b2c3d')");
}

TEST(PolicyDdl, WithoutKeysNoKeyIsWrittenNorRemoved) {
    const std::string text = all(context_key_ddl("app", {}));
    EXPECT_THAT(text, Not(HasSubstr("INSERT")));
    EXPECT_THAT(text, Not(HasSubstr("DELETE")));
}

TEST(PolicyDdl, GucHasNeitherKeysNorFunction) {
    PolicyPlan given = plan();
    given.isolation = config::Isolation::guc;
    given.context_variable = "app.current_tenant";
    const auto script = policy_script(given, {});
    ASSERT_TRUE(script.ok());
    const std::string text = all(script->statements);
    EXPECT_THAT(text, Not(HasSubstr("fairlead.")));
    EXPECT_THAT(text,
                HasSubstr("(SELECT NULLIF(pg_catalog.current_setting('app.current_tenant', true), ''))"));
}

TEST(PolicyDdl, WhatTheRoleMayNotDoIsLeftToASuperuser) {
    PolicyPlan given = plan();
    given.schemas[0].may_alter = given.database.may_alter = false;
    const auto script = policy_script(given, one_key());
    ASSERT_TRUE(script.ok());
    EXPECT_THAT(script->for_superuser, Contains("REVOKE CREATE ON SCHEMA \"public\" FROM PUBLIC, \"app\""));
    EXPECT_THAT(script->for_superuser, Contains(HasSubstr("TEMPORARY ON DATABASE \"shop\"")));
    EXPECT_THAT(script->statements, Not(Contains(HasSubstr("ON SCHEMA \"public\""))));
}

TEST(TenantFunction, IsQualifiedThroughoutAndPinned) {
    EXPECT_THAT(tenant_function_ddl(), HasSubstr("SET search_path = pg_catalog, pg_temp"));
    EXPECT_THAT(tenant_function_ddl(), HasSubstr("SECURITY DEFINER"));
    EXPECT_THAT(tenant_function_source(), HasSubstr(std::string(connection_tag_expression)));
    EXPECT_THAT(tenant_function_source(), Not(HasSubstr("$fairlead$")));
}

TEST(TenantTableTemplate, DoublesPercentSignsForFormat) {
    PolicyPlan given = plan();
    given.tenant_column = "100%";
    const std::string text = tenant_table_template(given);
    EXPECT_THAT(text, HasSubstr("\"100%%\""));
    EXPECT_THAT(text, HasSubstr("a.attname = '100%'"));
}

}  // namespace
}  // namespace fairlead::policy::postgres

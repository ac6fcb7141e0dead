#include "dal/estate/postgres/isolation.h"
#include "dal/estate/postgres/verify_placement.h"
#include "tests/integration/support/shop.h"

#include <gtest/gtest.h>

namespace fairlead::test {
namespace {

using dal::any_error;
using dal::Finding;
using dal::Severity;

std::string text(const std::vector<Finding>& findings) {
    std::string out;
    for (const Finding& finding : findings) out += to_string(finding) + "\n";
    return out;
}

bool found(const std::vector<Finding>& findings, Severity severity, const std::string& object,
           const std::string& problem) {
    for (const Finding& finding : findings) {
        if (finding.severity == severity && finding.object.find(object) != std::string::npos &&
            finding.problem.find(problem) != std::string::npos) {
            return true;
        }
    }
    return false;
}

/// An installed shop in which `damage` is done; the finding must be there, and nothing like it before.
class VerifyPlacement : public ::testing::Test {
protected:
    VerifyPlacement() { shop_.install(); }

    void expect_found(const std::vector<std::string>& damage, Severity severity, const std::string& object,
                      const std::string& problem) {
        const auto before = shop_.verify();
        EXPECT_FALSE(any_error(before)) << text(before);
        EXPECT_FALSE(found(before, severity, object, problem)) << text(before);
        shop_.run(damage);
        const auto after = shop_.verify();
        EXPECT_TRUE(found(after, severity, object, problem)) << text(after);
        if (severity == Severity::error) {
            EXPECT_TRUE(any_error(after));
        } else {
            EXPECT_FALSE(any_error(after)) << text(after);
        }
    }

    Shop shop_;
};

TEST_F(VerifyPlacement, AnInstalledPlacementHolds) {
    const auto findings = shop_.verify();
    EXPECT_FALSE(any_error(findings)) << text(findings);
    EXPECT_FALSE(found(findings, Severity::warning, "", "")) << text(findings);
}

TEST_F(VerifyPlacement, InstallingAgainChangesNothingAndLocksNoTable) {
    auto reader = shop_.as_superuser();
    must(reader, "BEGIN");
    must(reader, "SELECT count(*) FROM users");  // its lock would block CREATE POLICY
    shop_.install();
    must(reader, "ROLLBACK");
    EXPECT_FALSE(any_error(shop_.verify()));
}

TEST_F(VerifyPlacement, ASuperuserRoleIsFound) {
    expect_found({"ALTER ROLE " + shop_.backend.user + " SUPERUSER"}, Severity::error, "role",
                 "is a superuser");
    const auto findings = shop_.verify();
    EXPECT_TRUE(found(findings, Severity::error, "users", "shows rows without any tenant context"))
        << text(findings);
}

TEST_F(VerifyPlacement, ABypassingRoleIsFound) {
    expect_found({"ALTER ROLE " + shop_.backend.user + " BYPASSRLS"}, Severity::error, "role", "BYPASSRLS");
}

TEST_F(VerifyPlacement, MembershipInABypassingRoleIsFound) {
    expect_found(
        {"CREATE ROLE dba_" + shop_.backend.user + " BYPASSRLS", "CREATE ROLE between_" + shop_.backend.user,
         "GRANT dba_" + shop_.backend.user + " TO between_" + shop_.backend.user,
         "GRANT between_" + shop_.backend.user + " TO " + shop_.backend.user},
        Severity::error, "role", "can become dba_");
}

TEST_F(VerifyPlacement, ReplicationAndRoleMakingAreFound) {
    expect_found({"ALTER ROLE " + shop_.backend.user + " REPLICATION CREATEROLE"}, Severity::error, "role",
                 "REPLICATION");
    EXPECT_TRUE(found(shop_.verify(), Severity::error, "role", "CREATEROLE"));
}

TEST_F(VerifyPlacement, ATableWithoutPolicyIsFound) {
    expect_found({"CREATE TABLE late (tenant_id text NOT NULL, x int)", "GRANT SELECT ON late TO PUBLIC"},
                 Severity::error, "table public.late", "row level security disabled");
}

TEST_F(VerifyPlacement, ATableWithoutTenantColumnIsFoundUnlessItIsOutOfReach) {
    shop_.run({"CREATE TABLE internal (x int)"});
    EXPECT_FALSE(any_error(shop_.verify()));
    expect_found({"GRANT SELECT (x) ON internal TO " + shop_.backend.user}, Severity::error,
                 "table public.internal", "has no column tenant_id");
}

TEST_F(VerifyPlacement, AnOwnerWithoutForceIsFound) {
    expect_found(
        {"ALTER TABLE users OWNER TO " + shop_.backend.user, "ALTER TABLE users NO FORCE ROW LEVEL SECURITY"},
        Severity::error, "table public.users", "does not force row level security");
    EXPECT_TRUE(
        found(shop_.verify(), Severity::error, "table public.users", "may switch row level security off"));
}

TEST_F(VerifyPlacement, DisabledRowSecurityIsFound) {
    expect_found({"ALTER TABLE users DISABLE ROW LEVEL SECURITY"}, Severity::error, "table public.users",
                 "row level security disabled");
}

TEST_F(VerifyPlacement, APermissiveTenantPolicyIsFound) {
    expect_found({"DROP POLICY fairlead_tenant ON users",
                  "CREATE POLICY fairlead_tenant ON users USING (tenant_id = (SELECT fairlead.tenant()))"},
                 Severity::error, "table public.users", "must be RESTRICTIVE");
}

TEST_F(VerifyPlacement, PoliciesThatOnlyLookLikeOursAreFound) {
    for (const std::string policy : {"FOR SELECT USING (tenant_id = (SELECT fairlead.tenant()))",
                                     "TO postgres USING (tenant_id = (SELECT fairlead.tenant()))",
                                     "USING (tenant_id = (SELECT fairlead.tenant()) OR true)",
                                     "USING (username = (SELECT fairlead.tenant()))",
                                     "USING (tenant_id = (SELECT fairlead.tenant())) WITH CHECK (true)"}) {
        shop_.run({"DROP POLICY fairlead_tenant ON users",
                   "CREATE POLICY fairlead_tenant ON users AS RESTRICTIVE " + policy});
        EXPECT_TRUE(found(shop_.verify(), Severity::error, "table public.users", "no RESTRICTIVE policy"))
            << policy;
    }
    shop_.install();
    EXPECT_FALSE(any_error(shop_.verify()));
}

TEST_F(VerifyPlacement, APartitionWithoutPolicyIsFound) {
    expect_found(
        {"CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
         "GRANT SELECT ON events_2026 TO " + shop_.backend.user},
        Severity::error, "partition or child table public.events_2026", "row level security disabled");
}

TEST_F(VerifyPlacement, FurtherPoliciesAreFine) {
    expect_found({"CREATE POLICY open ON users USING (true)",
                  "CREATE POLICY closed ON users AS RESTRICTIVE USING (user_id > 0)"},
                 Severity::note, "table public.users", "further permissive policy open");
}

TEST_F(VerifyPlacement, AReplacedFunctionIsFound) {
    expect_found(
        {"CREATE OR REPLACE FUNCTION fairlead.tenant() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER"
         " SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'"},
        Severity::error, "fairlead.tenant()", "is not the function");
}

TEST_F(VerifyPlacement, AFunctionThatBelievesAnyTokenIsFoundByAsking) {
    expect_found(
        {"CREATE OR REPLACE FUNCTION fairlead.tenant() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS"
         " $$SELECT substr(current_setting('fairlead.context', true), 114)$$"},
        Severity::error, "fairlead.tenant()", "accepts a token without a signature");
}

TEST_F(VerifyPlacement, AMissingFunctionIsFound) {
    expect_found({"DROP SCHEMA fairlead CASCADE"}, Severity::error, "fairlead.tenant()", "is missing");
}

TEST_F(VerifyPlacement, AForeignKeyIsFound) {
    expect_found({"DELETE FROM fairlead.context_key"}, Severity::error, "context_key",
                 "does not hold our signing key");
}

TEST_F(VerifyPlacement, ReadableKeysAreFound) {
    expect_found({"GRANT SELECT ON fairlead.context_key TO " + shop_.backend.user}, Severity::error,
                 "context_key", "could sign for any tenant");
}

TEST_F(VerifyPlacement, AFunctionOwnedByTheAppRoleIsFound) {
    expect_found({"GRANT " + shop_.owner + " TO " + shop_.backend.user}, Severity::error, "fairlead.tenant()",
                 "could replace it");
}

TEST_F(VerifyPlacement, CreateOnASchemaIsFound) {
    expect_found({"GRANT CREATE ON SCHEMA public TO PUBLIC"}, Severity::error, "schema public",
                 "create objects");
}

TEST_F(VerifyPlacement, PrivilegesThatPoliciesDoNotCoverAreFound) {
    expect_found({"GRANT TRUNCATE ON users TO " + shop_.backend.user}, Severity::error, "table public.users",
                 "TRUNCATE");
}

TEST_F(VerifyPlacement, TemporaryTablesAreAWarning) {
    expect_found({"GRANT TEMPORARY ON DATABASE " + shop_.placement.database + " TO PUBLIC"},
                 Severity::warning, "database", "temporary tables");
}

TEST_F(VerifyPlacement, AViewWithItsOwnersRightsIsAWarning) {
    expect_found({"CREATE VIEW all_users AS SELECT * FROM users", "GRANT SELECT ON all_users TO PUBLIC"},
                 Severity::warning, "view public.all_users", "owner's rights");
}

TEST_F(VerifyPlacement, AMaterialisedViewWithinReachIsAnError) {
    expect_found(
        {"CREATE MATERIALIZED VIEW all_users AS SELECT * FROM users", "GRANT SELECT ON all_users TO PUBLIC"},
        Severity::error, "table public.all_users", "cannot have row policies");
}

TEST_F(VerifyPlacement, SecurityDefinerFunctionsAreAWarning) {
    expect_found({"CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) "
                  "FROM users'"},
                 Severity::warning, "function public.peek()", "SECURITY DEFINER");
}

TEST_F(VerifyPlacement, ANullableTenantAndATenantlessKeyAreWarnings) {
    expect_found(
        {"ALTER TABLE orders DROP CONSTRAINT orders_pkey", "ALTER TABLE orders ALTER tenant_id DROP NOT NULL",
         "CREATE UNIQUE INDEX by_note ON orders (lower(note)) INCLUDE (tenant_id) WHERE id > 0"},
        Severity::warning, "table public.orders", "by_note");
    EXPECT_TRUE(found(shop_.verify(), Severity::warning, "table public.orders", "may be NULL"));
}

TEST_F(VerifyPlacement, AnInexactTenantColumnIsFound) {
    expect_found(
        {"CREATE TABLE fixed (tenant_id char(10) NOT NULL, x int)", "GRANT SELECT ON fixed TO PUBLIC",
         "ALTER TABLE fixed ENABLE ROW LEVEL SECURITY", "ALTER TABLE fixed FORCE ROW LEVEL SECURITY"},
        Severity::error, "table public.fixed", "does not compare tenant ids exactly");
    auto superuser = shop_.as_superuser();
    const auto refused = dal::postgres::install_policy(superuser, shop_.backend, shop_.placement, shop_.keys);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("has type character"), std::string::npos)
        << refused.error().message;
}

TEST_F(VerifyPlacement, TheCatalogueKnowsWhatTheGuardNeeds) {
    auto app = shop_.as_app();
    auto catalogue = dal::postgres::load_catalogue(app, shop_.backend, shop_.placement);
    ASSERT_TRUE(catalogue) << catalogue.error().message;
    const auto& known = **catalogue;
    EXPECT_EQ(known.search_path(), std::vector<std::string>{"public"});
    const policy::Relation* users = known.find("", "users");
    ASSERT_NE(users, nullptr);
    EXPECT_TRUE(users->isolated && users->has_tenant_column && !users->global);
    EXPECT_EQ(users->columns, (std::vector<std::string>{"tenant_id", "user_id", "username"}));
    EXPECT_TRUE(users->unique_keys_without_tenant.empty());
    EXPECT_EQ(known.find("", "events")->kind, policy::RelationKind::partitioned_table);
    EXPECT_TRUE(known.find("public", "events_2025")->isolated);
    EXPECT_TRUE(known.find("", "plans")->global);
    EXPECT_EQ(known.find("", "plans")->unique_keys_without_tenant, std::vector<std::string>{"plans_pkey"});
    EXPECT_TRUE(known.find("", "user_names")->security_invoker);
    EXPECT_EQ(known.find("pg_catalog", "pg_class"), nullptr);
    EXPECT_EQ(known.find("", "context_key"), nullptr);
}

TEST_F(VerifyPlacement, TheEpochChangesExactlyWithTheContent) {
    auto app = shop_.as_app();
    const auto epoch = [&] {
        return (*dal::postgres::load_catalogue(app, shop_.backend, shop_.placement))->epoch();
    };
    const auto before = epoch();
    EXPECT_EQ(epoch(), before);
    shop_.run({"INSERT INTO users VALUES ('acme', 77, 'x')", "ANALYZE users"});
    EXPECT_EQ(epoch(), before) << "rows are not its business";
    shop_.run({"ALTER TABLE users NO FORCE ROW LEVEL SECURITY"});
    const auto unforced = epoch();
    EXPECT_NE(unforced, before);
    shop_.run({"ALTER TABLE users FORCE ROW LEVEL SECURITY"});
    EXPECT_EQ(epoch(), before);
    shop_.run({"ALTER TABLE users ADD COLUMN email text"});
    EXPECT_NE(epoch(), before);
}

TEST(InstallPolicy, AnOwnerOfOtherTablesIsToldWhichOneStopsHim) {
    Shop shop;
    shop.run({"CREATE TABLE strangers (tenant_id text, x int)"});
    auto owner = shop.as_owner();
    const auto result = dal::postgres::install_policy(owner, shop.backend, shop.placement, shop.keys);
    ASSERT_FALSE(result);
    EXPECT_EQ(
        result.error().message,
        "table public.strangers belongs to postgres, so the installing role may not put policies on it");
}

TEST(InstallPolicy, AFailureLeavesNothingBehind) {
    Shop shop;
    shop.backend.user = shop.owner;  // keys and grants work, but the role does not exist in the end
    shop.run({"CREATE SCHEMA fairlead", "CREATE TABLE fairlead.context_key (id text PRIMARY KEY)",
              "ALTER SCHEMA fairlead OWNER TO " + shop.owner,
              "ALTER TABLE fairlead.context_key OWNER TO " + shop.owner});
    auto owner = shop.as_owner();
    EXPECT_FALSE(dal::postgres::install_policy(owner, shop.backend, shop.placement, shop.keys));
    auto superuser = shop.as_superuser();
    EXPECT_EQ(must(superuser, "SELECT count(*) FROM pg_policy").single(), "0");
    EXPECT_EQ(must(superuser, "SELECT count(*) FROM pg_proc WHERE proname = 'tenant'").single(), "0");
    EXPECT_TRUE(owner.execute("SELECT 1")) << "the connection is usable afterwards";
}

TEST(InstallPolicy, TemplateForAnUnreachableDatabaseDoesTheSame) {
    Shop shop;
    const auto plan = dal::postgres::make_policy_plan(shop.backend, shop.placement);
    auto owner = shop.as_owner();
    auto script = policy::postgres::policy_script(plan, shop.keys);
    ASSERT_TRUE(script);
    for (const std::string& statement : script->statements) must(owner, statement);
    for (const auto& row : must(owner, policy::postgres::tenant_table_template(plan)).rows)
        must(owner, *row[0]);
    must(owner, "GRANT SELECT ON plans TO " + shop.backend.user);
    const auto findings = shop.verify();
    EXPECT_FALSE(any_error(findings)) << text(findings);
}

TEST(GucIsolation, PoliciesOnAPlainVariableHoldAndExistingOnesAreAccepted) {
    Shop shop(config::Isolation::guc);
    EXPECT_TRUE(any_error([&] {
        shop.run({"GRANT SELECT ON users TO " + shop.backend.user});
        return shop.verify();
    }()));
    shop.install();
    const auto findings = shop.verify();
    EXPECT_FALSE(any_error(findings)) << text(findings);
    auto app = shop.as_app();
    must(app, "BEGIN");
    EXPECT_EQ(must(app, "SELECT count(*) FROM users").single(), "0");
    must(app, "SELECT set_config('app.current_tenant', 'acme', true)");
    EXPECT_EQ(must(app, "SELECT count(*) FROM users").single(), "2");
    EXPECT_EQ(must(app, "INSERT INTO users (user_id) VALUES (8) RETURNING tenant_id").single(), "acme");
    must(app, "ROLLBACK");
    const std::string by_hand = "USING (tenant_id = current_setting('app.current_tenant', true))";
    shop.run({"DROP POLICY fairlead_tenant ON users", "DROP POLICY fairlead_all ON users",
              "CREATE POLICY by_hand ON users " + by_hand});
    EXPECT_FALSE(any_error(shop.verify())) << text(shop.verify());
    shop.run({"CREATE POLICY wide_open ON users USING (true)"});
    EXPECT_TRUE(found(shop.verify(), Severity::error, "table public.users", "another permissive one"));
}

}  // namespace
}  // namespace fairlead::test

#include "dal/estate/postgres/assess.h"

#include "dal/estate/postgres/server_version.h"
#include "policy/postgres/policy_ddl.h"
#include "policy/postgres/tenant_function.h"

#include <gtest/gtest.h>

namespace fairlead::dal::postgres {
namespace {

/// A database in which everything is right.
struct Sound {
    Sound() {
        backend.name = "pg1";
        backend.user = "app";
        placement.name = "shared";
        placement.tenant_column = "tenant_id";
        placement.isolation = config::Isolation::sealed;
        inventory.server_version = 150020;
        inventory.app_role = "app";
        inventory.search_path = {"public"};
        inventory.tenant_function =
            TenantFunctionFacts{policy::postgres::tenant_function_source(),
                                std::string(policy::postgres::tenant_function_setting),
                                "plpgsql",
                                true,
                                true,
                                false,
                                false,
                                false};
        RelationFacts& users = inventory.relations.emplace_back();
        users.schema = "public";
        users.name = "users";
        users.reachable = users.row_security = users.forced = true;
        users.columns = {"tenant_id"};
        users.tenant_column = TenantColumnFacts{"tenant_id", "text", true, true, std::nullopt};
        users.policies = {{"fairlead_all", true, true, true, "true", "true"},
                          {"fairlead_tenant", false, true, true,
                           policy::postgres::shown_policy_expression("tenant_id", "text"), std::nullopt}};
    }

    std::vector<Finding> findings() const {
        return assess(inventory, backend, placement, {"tenant_{id}"}, "fairlead.toml");
    }

    config::Backend backend;
    config::Placement placement;
    Inventory inventory;
};

TEST(Assess, ASoundDatabaseHasNoFindings) {
    EXPECT_TRUE(Sound().findings().empty());
}

TEST(Assess, AnOldServerIsAnErrorUnlessLoweredByName) {
    Sound sound;
    sound.inventory.server_version = 150019;
    ASSERT_EQ(sound.findings().size(), 1u);
    EXPECT_EQ(sound.findings()[0].severity, Severity::error);
    EXPECT_EQ(sound.findings()[0].object, "backend pg1");
    EXPECT_NE(sound.findings()[0].problem.find("15.19"), std::string::npos);
    sound.backend.minimum_server_version = 150018;
    EXPECT_TRUE(sound.findings().empty());
}

TEST(Assess, ErrorsComeFirstAndNameTheCommand) {
    Sound sound;
    sound.inventory.database.app_may_use_temporary = true;
    sound.inventory.relations[0].forced = false;
    const auto findings = sound.findings();
    ASSERT_EQ(findings.size(), 2u);
    EXPECT_EQ(findings[0].severity, Severity::error);
    EXPECT_EQ(findings[0].remedy,
              "fairlead policy install --config fairlead.toml --placement shared --as OWNER");
    EXPECT_EQ(findings[1].severity, Severity::warning);
}

TEST(Assess, AGlobalTableNameCountsOnlyOnTheSearchPath) {
    Sound sound;
    RelationFacts plans;
    plans.schema = "elsewhere";
    plans.name = "plans";
    plans.reachable = true;
    sound.inventory.relations.push_back(plans);
    sound.placement.global_tables = {"plans"};
    EXPECT_TRUE(any_error(sound.findings()));
    sound.placement.global_tables = {"elsewhere.plans"};
    EXPECT_FALSE(any_error(sound.findings()));
}

TEST(Assess, AnInexactCollationIsAnError) {
    Sound sound;
    sound.inventory.relations[0].tenant_column->exact_collation = false;
    EXPECT_TRUE(any_error(sound.findings()));
}

TEST(SecurityFloor, IsPerMajorVersion) {
    for (std::uint32_t good : {140025u, 150020u, 160016u, 170012u, 180007u, 190000u}) {
        EXPECT_TRUE(meets_security_floor(good, 0)) << good;
    }
    for (std::uint32_t bad : {0u, 90600u, 130099u, 140024u, 150019u, 160015u, 170011u, 180006u}) {
        EXPECT_FALSE(meets_security_floor(bad, 0)) << bad;
    }
}

TEST(SecurityFloor, CanBeLoweredNotRaised) {
    EXPECT_TRUE(meets_security_floor(150008, 150008));
    EXPECT_FALSE(meets_security_floor(150007, 150008));
    EXPECT_TRUE(meets_security_floor(150020, 160000));
    EXPECT_EQ(version_text(150008), "15.8");
    EXPECT_EQ(security_floor(130005), 140025u);
}

}  // namespace
}  // namespace fairlead::dal::postgres

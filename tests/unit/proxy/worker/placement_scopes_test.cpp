#include "proxy/worker/placement_scopes.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::worker {
namespace {

dal::served_placement of_postgres(config::Model model, config::Isolation isolation, bool by_schema = false) {
    policy::postgres::GuardScope guard;
    guard.model = model;
    guard.isolation = isolation;
    guard.bridge_by_schema = by_schema;
    guard.context_variable = "app.tenant";
    guard.session_pooling = true;
    dal::served_placement placement;
    placement.name = "shared";
    placement.postgres.scope = std::make_shared<const policy::postgres::GuardScope>(guard);
    return placement;
}

dal::served_placement of_mysql() {
    policy::mysql::GuardScope guard;
    guard.session_pooling = true;
    guard.tenant_column = "tenant_id";
    dal::served_placement placement;
    placement.name = "shared";
    placement.mysql.scope = std::make_shared<const policy::mysql::GuardScope>(guard);
    placement.mysql.sql_mode = "ANSI_QUOTES";
    placement.mysql.hidden_code.behind_writes = false;
    return placement;
}

TEST(PlacementScopes, TheContextFollowsFromTheGuard) {
    using config::Isolation;
    using config::Model;
    using postgres::context_kind;
    struct expectation {
        dal::served_placement placement;
        context_kind context;
    };
    for (const expectation& each :
         {expectation{of_postgres(Model::pool, Isolation::sealed), context_kind::sealed},
          expectation{of_postgres(Model::pool, Isolation::guc), context_kind::variable},
          expectation{of_postgres(Model::bridge, Isolation::none), context_kind::none},
          expectation{of_postgres(Model::bridge, Isolation::none, true), context_kind::search_path},
          expectation{of_postgres(Model::silo, Isolation::none), context_kind::none}}) {
        const auto scoped = make_scopes({each.placement}, {});
        ASSERT_EQ(scoped.size(), 1u);
        EXPECT_EQ(scoped[0].mysql, nullptr);
        ASSERT_NE(scoped[0].postgres, nullptr);
        EXPECT_EQ(scoped[0].postgres->context, each.context);
        EXPECT_EQ(scoped[0].postgres->name, "shared");
        EXPECT_EQ(scoped[0].postgres->context_variable, "app.tenant");
        EXPECT_TRUE(scoped[0].postgres->session_pooling);
        EXPECT_TRUE(scoped[0].served());
    }
}

TEST(PlacementScopes, AScopeOfMysqlHasWhatTheServerSaid) {
    const auto scoped = make_scopes({of_mysql()}, {});
    EXPECT_EQ(scoped[0].postgres, nullptr);
    ASSERT_NE(scoped[0].mysql, nullptr);
    EXPECT_EQ(scoped[0].mysql->name, "shared");
    EXPECT_EQ(scoped[0].mysql->guard.tenant_column, "tenant_id");
    EXPECT_EQ(scoped[0].mysql->sql_mode, "ANSI_QUOTES");
    EXPECT_TRUE(scoped[0].mysql->session_pooling);
    EXPECT_FALSE(scoped[0].mysql->hidden_code.behind_writes);
}

TEST(PlacementScopes, WhileNothingChangesTheScopeIsTheSameObject) {
    for (const auto& placement : {of_postgres(config::Model::pool, config::Isolation::sealed), of_mysql()}) {
        const auto before = make_scopes({placement}, {});
        dal::served_placement again = placement;
        again.client_refusal = "sessions do not read this";
        const auto after = make_scopes({again}, before);
        EXPECT_EQ(after[0].postgres, before[0].postgres);
        EXPECT_EQ(after[0].mysql, before[0].mysql);
        EXPECT_EQ(after[0].verified.client_refusal, again.client_refusal);
    }
}

TEST(PlacementScopes, WhatASessionGoesByGivesANewScope) {
    const auto postgres = make_scopes({of_postgres(config::Model::pool, config::Isolation::sealed)}, {});
    const auto later = make_scopes({of_postgres(config::Model::pool, config::Isolation::sealed)}, postgres);
    EXPECT_NE(later[0].postgres, postgres[0].postgres);

    const dal::served_placement placement = of_mysql();
    const auto mysql = make_scopes({placement}, {});
    dal::served_placement mode = placement;
    mode.mysql.sql_mode = "";
    EXPECT_EQ(make_scopes({mode}, mysql)[0].mysql->sql_mode, "");
    dal::served_placement triggers = placement;
    triggers.mysql.hidden_code.behind_writes = true;
    EXPECT_TRUE(make_scopes({triggers}, mysql)[0].mysql->hidden_code.behind_writes);
}

TEST(PlacementScopes, ARefusedPlacementHasNone) {
    const auto before = make_scopes({of_mysql()}, {});
    dal::served_placement refused;
    refused.name = "shared";
    refused.refusal = "table users: has no tenant column";
    const auto after = make_scopes({refused}, before);
    EXPECT_EQ(after[0].mysql, nullptr);
    EXPECT_EQ(after[0].postgres, nullptr);
    EXPECT_FALSE(after[0].served());
}

}  // namespace
}  // namespace fairlead::proxy::worker

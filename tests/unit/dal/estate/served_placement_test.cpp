#include "dal/estate/served_placement.h"

#include <gtest/gtest.h>

#include <functional>

namespace fairlead::dal {
namespace {

policy::CataloguePtr catalogue(std::uint64_t epoch) {
    return std::make_shared<const policy::Catalogue>(std::vector<policy::Relation>{},
                                                     std::vector<std::string>{"public"}, epoch);
}

policy::postgres::GuardScope postgres_scope() {
    policy::postgres::GuardScope scope;
    scope.tenant_column = "tenant_id";
    scope.catalogue = catalogue(7);
    return scope;
}

policy::mysql::GuardScope mysql_scope() {
    policy::mysql::GuardScope scope;
    scope.tenant_column = "tenant_id";
    scope.catalogue = catalogue(7);
    return scope;
}

served_placement placement(const policy::postgres::GuardScope& of_postgres,
                           const policy::mysql::GuardScope& of_mysql, const std::string& key = "key 1") {
    served_placement result;
    result.name = "shared";
    result.postgres.scope = std::make_shared<const policy::postgres::GuardScope>(of_postgres);
    result.postgres.key =
        std::make_shared<const policy::postgres::ContextKey>(policy::postgres::ContextKey{key, {}});
    result.mysql.scope = std::make_shared<const policy::mysql::GuardScope>(of_mysql);
    return result;
}

TEST(ServedPlacement, WhatIsTheSameStaysTheSameObject) {
    const served_placement known = placement(postgres_scope(), mysql_scope());
    served_placement fresh = placement(postgres_scope(), mysql_scope());
    ASSERT_FALSE(serve_alike(fresh, known));
    keep_unchanged(fresh, known);
    EXPECT_EQ(fresh.postgres.scope, known.postgres.scope);
    EXPECT_EQ(fresh.postgres.key, known.postgres.key);
    EXPECT_EQ(fresh.mysql.scope, known.mysql.scope);
    EXPECT_TRUE(serve_alike(fresh, known));
}

TEST(ServedPlacement, AnyDifferenceForPostgresGivesANewScope) {
    using change = std::function<void(policy::postgres::GuardScope&)>;
    const served_placement known = placement(postgres_scope(), mysql_scope());
    const std::vector<change> changes = {
        [](auto& scope) { scope.model = config::Model::bridge; },
        [](auto& scope) { scope.isolation = config::Isolation::guc; },
        [](auto& scope) { scope.session_pooling = true; },
        [](auto& scope) { scope.bridge_by_schema = true; },
        [](auto& scope) { scope.tenant_column = "tenant"; },
        [](auto& scope) { scope.context_variable = "app.tenant"; },
        [](auto& scope) { scope.allowed_functions = {"f"}; },
        [](auto& scope) { scope.catalogue = catalogue(8); },
        [](auto& scope) { scope.catalogue = nullptr; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        policy::postgres::GuardScope changed = postgres_scope();
        changes[i](changed);
        served_placement fresh = placement(changed, mysql_scope());
        keep_unchanged(fresh, known);
        EXPECT_NE(fresh.postgres.scope, known.postgres.scope) << i;
        EXPECT_EQ(fresh.mysql.scope, known.mysql.scope) << i;
        EXPECT_FALSE(serve_alike(fresh, known)) << i;
    }
}

TEST(ServedPlacement, AnyDifferenceForMysqlGivesANewScope) {
    using change = std::function<void(policy::mysql::GuardScope&)>;
    const served_placement known = placement(postgres_scope(), mysql_scope());
    const std::vector<change> changes = {
        [](auto& scope) { scope.model = config::Model::silo; },
        [](auto& scope) { scope.session_pooling = true; },
        [](auto& scope) { scope.tenant_column = "tenant"; },
        [](auto& scope) { scope.allowed_functions = {"f"}; },
        [](auto& scope) { scope.server = policy::mysql::flavour::mysql; },
        [](auto& scope) { scope.server_version = 101200; },
        [](auto& scope) { scope.lower_case_table_names = 1; },
        [](auto& scope) { scope.catalogue = catalogue(8); },
        [](auto& scope) { scope.catalogue = nullptr; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        policy::mysql::GuardScope changed = mysql_scope();
        changes[i](changed);
        served_placement fresh = placement(postgres_scope(), changed);
        keep_unchanged(fresh, known);
        EXPECT_NE(fresh.mysql.scope, known.mysql.scope) << i;
        EXPECT_EQ(fresh.postgres.scope, known.postgres.scope) << i;
        EXPECT_FALSE(serve_alike(fresh, known)) << i;
    }
}

TEST(ServedPlacement, AnotherKeySignsUnderTheSameScope) {
    const served_placement known = placement(postgres_scope(), mysql_scope());
    served_placement fresh = placement(postgres_scope(), mysql_scope(), "key 2");
    keep_unchanged(fresh, known);
    EXPECT_EQ(fresh.postgres.scope, known.postgres.scope);
    EXPECT_NE(fresh.postgres.key, known.postgres.key);
    EXPECT_FALSE(serve_alike(fresh, known));
}

TEST(ServedPlacement, WhatSessionsReadBesideTheScopeIsADifferenceToo) {
    const served_placement known = placement(postgres_scope(), mysql_scope());
    served_placement mode = known;
    mode.mysql.sql_mode = "ANSI_QUOTES";
    served_placement code = known;
    code.mysql.hidden_code.behind_reads = false;
    served_placement told = known;
    told.client_refusal = "another word";
    for (const served_placement& fresh : {mode, code, told}) EXPECT_FALSE(serve_alike(fresh, known));
}

}  // namespace
}  // namespace fairlead::dal

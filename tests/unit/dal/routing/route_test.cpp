#include "dal/routing/route.h"

#include <gtest/gtest.h>

namespace fairlead::dal {
namespace {

using config::Engine;

config::Backend backend(const char* name, Engine engine) {
    config::Backend b;
    b.name = name;
    b.engine = engine;
    return b;
}

config::Placement placement(const char* name, config::Model model, const char* on, const char* database,
                            const char* schema = "", const char* expose_as = "") {
    config::Placement p;
    p.name = name;
    p.model = model;
    p.backend = on;
    p.database = database;
    p.schema = schema;
    p.expose_as = expose_as;
    return p;
}

config::Tenant tenant(const char* id, std::vector<std::string> placements) {
    config::Tenant t;
    t.id = id;
    t.placements = std::move(placements);
    return t;
}

config::User user(const char* name, std::vector<std::string> tenants, bool any = false) {
    config::User u;
    u.name = name;
    u.tenants = std::move(tenants);
    u.any_tenant = any;
    return u;
}

class routing : public testing::Test {
protected:
    static config::Snapshot make() {
        config::Settings s;
        s.backends = {backend("pg1", Engine::postgres), backend("pg2", Engine::postgres),
                      backend("my1", Engine::mysql)};
        s.placements = {
            placement("shared", config::Model::pool, "pg1", "shop_main", "", "shop"),
            placement("by_schema", config::Model::bridge, "pg1", "shop_main", "tenant_{id}", "shop"),
            placement("by_database", config::Model::bridge, "pg1", "tenant_{id}"),
            placement("silo", config::Model::silo, "pg2", "shop"),
            placement("logs", config::Model::pool, "pg1", "logs"),
            placement("mysql_shop", config::Model::pool, "my1", "shop")};
        return {s,
                {tenant("acme", {"shared"}), tenant("globex", {"silo"}), tenant("initech", {"by_schema"}),
                 tenant("hooli", {"by_database"}), tenant("wide", {"shared", "logs", "mysql_shop"}),
                 tenant("dangling", {"nowhere"})},
                {},
                1};
    }
    Result<route, route_error> go(const config::User& who, const identity_labels& labels,
                                  std::string_view database, Engine engine = Engine::postgres) const {
        return resolve_route(snapshot_, who, labels, engine, database);
    }
    void refused(const config::User& who, const identity_labels& labels, const std::string& part) const {
        const auto r = go(who, labels, "shop");
        ASSERT_FALSE(r.ok());
        EXPECT_EQ(r.error().sqlstate, "28000");
        EXPECT_NE(r.error().message.find(part), std::string::npos) << r.error().message;
        EXPECT_FALSE(r.error().hint.empty());
    }

    config::Snapshot snapshot_ = make();
    config::User bound_ = user("acme_app", {"acme"});
    config::User several_ = user("two", {"acme", "globex"});
    config::User any_ = user("app", {}, true);
};

identity_labels suffix(const char* name) {
    identity_labels l;
    l.user_suffix = name;
    return l;
}
identity_labels set_to(const char* name) {
    identity_labels l;
    l.set_command = name;
    return l;
}

TEST_F(routing, a_bound_user_needs_no_label_and_may_repeat_its_own) {
    EXPECT_EQ(go(bound_, {}, "shop")->tenant->id, "acme");
    EXPECT_EQ(go(bound_, suffix("acme"), "shop")->tenant->id, "acme");
    EXPECT_EQ(go(bound_, set_to("acme"), "shop")->tenant->id, "acme");
}

TEST_F(routing, no_label_widens_a_bound_user) {
    for (std::optional<std::string> identity_labels::*label :
         {&identity_labels::user_suffix, &identity_labels::startup_option, &identity_labels::sni,
          &identity_labels::set_command, &identity_labels::connection_attribute}) {
        identity_labels l;
        l.*label = "globex";
        refused(bound_, l, "tenant \"globex\" is not allowed");
        refused(user("none", {}), l, "not allowed");
        l.*label = "hooli";
        refused(several_, l, "tenant \"hooli\" is not allowed");
        l.*label = "";
        refused(any_, l, "not allowed");
    }
}

TEST_F(routing, every_label_names_the_tenant_of_a_user_that_may_choose) {
    for (std::optional<std::string> identity_labels::*label :
         {&identity_labels::user_suffix, &identity_labels::startup_option, &identity_labels::sni,
          &identity_labels::set_command, &identity_labels::connection_attribute}) {
        identity_labels l;
        l.*label = "globex";
        EXPECT_EQ(go(any_, l, "shop")->tenant->id, "globex");
        EXPECT_EQ(go(several_, l, "shop")->tenant->id, "globex");
    }
}

identity_labels certified(std::vector<std::string> tenants) {
    identity_labels l;
    l.certificate = std::move(tenants);
    return l;
}

TEST_F(routing, a_certificate_names_a_tenant_and_never_widens) {
    EXPECT_EQ(go(any_, certified({"globex"}), "shop")->tenant->id, "globex");
    EXPECT_EQ(go(several_, certified({"globex", "globex"}), "shop")->tenant->id, "globex");
    EXPECT_EQ(go(bound_, certified({"acme"}), "shop")->tenant->id, "acme");
    refused(bound_, certified({"globex"}), "tenant \"globex\" is not allowed");
    refused(several_, certified({"hooli"}), "tenant \"hooli\" is not allowed");
    refused(any_, certified({"nobody"}), "not allowed");
    refused(any_, certified({""}), "not allowed");
}

TEST_F(routing, a_certificate_that_names_two_tenants_is_refused) {
    refused(any_, certified({"acme", "globex"}), "disagree");
    refused(any_, certified({"acme", ""}), "disagree");
    identity_labels l = certified({"acme", "globex"});
    l.set_command = "acme";
    refused(any_, l, "disagree");
    refused(bound_, l, "disagree");
}

TEST_F(routing, set_does_not_replace_what_a_certificate_names) {
    identity_labels l = certified({"acme"});
    l.set_command = "globex";
    refused(any_, l, "disagree");
    l.set_command = "acme";
    l.user_suffix = "globex";
    EXPECT_EQ(go(any_, l, "shop")->tenant->id, "acme");
}

TEST_F(routing, a_user_that_may_choose_must) {
    refused(several_, {}, "no tenant named");
    refused(any_, {}, "no tenant named");
    refused(user("none", {}), {}, "no tenant named");
}

TEST_F(routing, labels_that_disagree_are_refused_even_if_one_would_do) {
    identity_labels l = suffix("acme");
    l.sni = "globex";
    refused(any_, l, "disagree");
    refused(several_, l, "disagree");
    refused(bound_, l, "disagree");
    l.sni = "acme";
    EXPECT_TRUE(go(any_, l, "shop").ok());
}

TEST_F(routing, set_replaces_other_labels_only_for_users_that_may_choose) {
    identity_labels l = suffix("acme");
    l.set_command = "globex";
    EXPECT_EQ(go(any_, l, "shop")->tenant->id, "globex");
    EXPECT_EQ(go(several_, l, "shop")->tenant->id, "globex");
    refused(bound_, l, "disagree");
    l.set_command = "hooli";
    refused(several_, l, "not allowed");
}

TEST_F(routing, an_unknown_tenant_sounds_like_one_that_is_not_allowed) {
    const auto unknown = go(several_, suffix("nobody"), "shop");
    const auto forbidden = go(several_, suffix("hooli1"), "shop");
    const auto existing = go(several_, suffix("initech"), "shop");
    ASSERT_FALSE(unknown.ok());
    ASSERT_FALSE(existing.ok());
    const auto words = [](std::string message, const std::string& name) {
        return message.replace(message.find(name), name.size(), "X");
    };
    EXPECT_EQ(words(unknown.error().message, "nobody"), words(existing.error().message, "initech"));
    EXPECT_EQ(words(forbidden.error().message, "hooli1"), words(existing.error().message, "initech"));
    EXPECT_EQ(unknown.error().hint, existing.error().hint);
    EXPECT_EQ(unknown.error().sqlstate, existing.error().sqlstate);
    refused(any_, suffix("nobody"), "is not allowed");
    refused(user("gone_app", {"gone"}), {}, "tenant \"gone\" is not allowed");
}

TEST_F(routing, leads_to_the_placement_with_the_names_on_the_server) {
    const auto pool = go(any_, suffix("acme"), "shop");
    ASSERT_TRUE(pool.ok());
    EXPECT_EQ(pool->placement->name, "shared");
    EXPECT_EQ(pool->backend->name, "pg1");
    EXPECT_EQ(pool->server_database, "shop_main");
    EXPECT_EQ(pool->own_schema, "");
    EXPECT_EQ(pool->exposed_database, "shop");

    const auto schema = go(any_, suffix("initech"), "shop");
    EXPECT_EQ(schema->server_database, "shop_main");
    EXPECT_EQ(schema->own_schema, "tenant_initech");

    const auto own = go(any_, suffix("hooli"), "tenant_hooli");
    EXPECT_EQ(own->server_database, "tenant_hooli");
    EXPECT_EQ(own->own_schema, "");

    EXPECT_EQ(go(any_, suffix("globex"), "shop")->backend->name, "pg2");
}

TEST_F(routing, engine_and_database_choose_among_several_placements) {
    EXPECT_EQ(go(any_, suffix("wide"), "shop")->placement->name, "shared");
    EXPECT_EQ(go(any_, suffix("wide"), "logs")->placement->name, "logs");
    EXPECT_EQ(go(any_, suffix("wide"), "shop", Engine::mysql)->placement->name, "mysql_shop");
    EXPECT_EQ(go(any_, suffix("wide"), "", Engine::mysql)->placement->name, "mysql_shop");
}

TEST_F(routing, no_database_given_means_the_only_one) {
    EXPECT_EQ(go(bound_, {}, "")->exposed_database, "shop");
    EXPECT_EQ(go(bound_, {}, "acme_app")->exposed_database, "shop");
    EXPECT_EQ(go(any_, suffix("acme"), "app")->exposed_database, "shop");
    EXPECT_EQ(go(any_, suffix("acme"), "app.acme")->exposed_database, "shop");
    for (const char* none : {"", "app"}) {
        const auto two = go(any_, suffix("wide"), none);
        ASSERT_FALSE(two.ok());
        EXPECT_EQ(two.error().sqlstate, "3D000");
        EXPECT_EQ(two.error().hint, "Databases of this tenant: shop, logs.");
    }
    EXPECT_EQ(go(user("logs", {"wide"}), {}, "logs")->placement->name, "logs") << "a real name comes first";
}

TEST_F(routing, other_databases_do_not_exist_for_it) {
    const auto other = go(any_, suffix("hooli"), "tenant_acme");
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().sqlstate, "3D000");
    EXPECT_EQ(other.error().message, "database \"tenant_acme\" does not exist");
    EXPECT_FALSE(go(bound_, {}, "shop_main").ok()) << "the server's name is not the exposed one";
    EXPECT_FALSE(go(bound_, {}, "app.acme").ok());
    EXPECT_FALSE(go(any_, suffix("acme"), "acme").ok());

    const auto mysql = go(bound_, {}, "shop", Engine::mysql);
    ASSERT_FALSE(mysql.ok());
    EXPECT_EQ(mysql.error().sqlstate, "42000");
    EXPECT_EQ(mysql.error().message, "Unknown database 'shop'");
    EXPECT_FALSE(go(any_, suffix("dangling"), "").ok());
}

}  // namespace
}  // namespace fairlead::dal

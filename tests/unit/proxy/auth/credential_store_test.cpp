#include "proxy/auth/credential_store.h"

#include "proxy/auth/caching_sha2.h"
#include "proxy/auth/md5_secret.h"

#include <gtest/gtest.h>

#include <atomic>

namespace fairlead::proxy::auth {
namespace {

constexpr std::string_view pencil =
    "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$zHCdol2044/ZyWzPLi7oxApCkamKw9Z+E4U/QApd/5Y=:"
    "dd5peBOitVnLNFu7VmwP+HiDaaw4OUCv396eVCWhYiE=";

constexpr std::string_view native_pencil = "*7614BE58636C810A9D8970A50B3B2A78450413E4";

config::User make_user(std::string name, std::string_view password) {
    config::User user;
    user.name = std::move(name);
    user.password = password;
    return user;
}

config::SnapshotPtr snapshot_of(std::vector<config::User> users) {
    return std::make_shared<config::Snapshot>(config::Settings{}, std::vector<config::Tenant>{},
                                              std::move(users), 1);
}

std::shared_ptr<const credential_store> store_of(std::vector<config::User> users,
                                                 std::shared_ptr<const credential_store> previous = nullptr) {
    return std::move(credential_store::build(snapshot_of(std::move(users)), std::move(previous))).value();
}

TEST(credential_store, finds_each_kind_of_secret) {
    auto store = store_of({make_user("scram", pencil), make_user("plain", "pencil"),
                           make_user("md5", "md5ee69efad287c7423caf0b3229d71f567"), make_user("none", "")});
    credential scram = store->find("scram");
    EXPECT_TRUE(scram.found && scram.has_secret);
    EXPECT_EQ(scram.user->name, "scram");
    EXPECT_EQ(scram.label, "");
    EXPECT_EQ(to_string(scram.verifier), pencil);
    credential plain = store->find("plain");
    EXPECT_TRUE(plain.found && plain.has_secret);
    EXPECT_EQ(plain.kind, secret_kind::scram);
    EXPECT_TRUE(verify_password(plain.verifier, "pencil"));
    credential md5 = store->find("md5");
    EXPECT_TRUE(md5.found && md5.has_secret);
    EXPECT_EQ(md5.kind, secret_kind::md5);
    credential none = store->find("none");
    EXPECT_TRUE(none.found);
    EXPECT_FALSE(none.has_secret);
}

TEST(credential_store, names_and_suffixes) {
    auto store = store_of({make_user("app", pencil), make_user("app.eu", pencil),
                           make_user("app.eu.x", pencil), make_user("Big", pencil)});
    auto found = [&](std::string_view name) {
        credential c = store->find(name);
        return c.found ? c.user->name + "|" + c.label : std::string("-");
    };
    EXPECT_EQ(found("app"), "app|");
    EXPECT_EQ(found("app.acme"), "app|acme");
    EXPECT_EQ(found("app.eu"), "app.eu|");       // the exact name comes first
    EXPECT_EQ(found("app.eu.fr"), "app|eu.fr");  // then the shortest user
    EXPECT_EQ(found("app.eu.x"), "app.eu.x|");
    EXPECT_EQ(found("app."), "-");
    EXPECT_EQ(found(".app"), "-");
    EXPECT_EQ(found("."), "-");
    EXPECT_EQ(found(""), "-");
    EXPECT_EQ(found("ap.acme"), "-");
    EXPECT_EQ(found("big"), "-");
    EXPECT_EQ(found("App.acme"), "-");
    EXPECT_EQ(found(std::string(10'000, '.')), "-");
    EXPECT_EQ(found("app..acme"), "app|.acme");  // no tenant has this id; routing says so
}

TEST(credential_store, a_stranger_has_a_stable_stand_in_like_the_others) {
    auto user = to_string(*derive_scram_verifier("p", "twelve bytes", 777));
    auto store = store_of({make_user("a", user), make_user("b", user), make_user("c", pencil)});
    credential stranger = store->find("mallory");
    EXPECT_FALSE(stranger.found || stranger.has_secret);
    EXPECT_EQ(stranger.user, nullptr);
    EXPECT_EQ(stranger.verifier.iterations, 777u);
    EXPECT_EQ(stranger.verifier.salt.size(), 12u);
    EXPECT_EQ(stranger.verifier.salt, store->find("mallory").verifier.salt);
    EXPECT_NE(stranger.verifier.salt, store->find("eve").verifier.salt);
    auto reloaded = store_of({make_user("a", user)}, store);
    EXPECT_EQ(stranger.verifier.salt, reloaded->find("mallory").verifier.salt);
}

TEST(credential_store, a_stranger_among_md5_users_is_asked_for_md5) {
    auto store = store_of({make_user("a", "md5ee69efad287c7423caf0b3229d71f567")});
    EXPECT_EQ(store->find("mallory").kind, secret_kind::md5);
    EXPECT_EQ(store_of({})->find("mallory").kind, secret_kind::scram);
}

TEST(credential_store, gives_mysql_what_each_secret_can_do) {
    auto hash = *native_hash("pencil");
    auto store = store_of({make_user("plain", "pencil"), make_user("native", native_pencil),
                           make_user("scram", pencil), make_user("none", "")});
    caching_sha2_cache cache;
    auto of = [&](std::string_view name) { return store->mysql_secrets_of(store->find(name), name, &cache); };
    EXPECT_EQ(of("plain").native, hash);
    EXPECT_EQ(of("plain").caching_sha2, caching_sha2_hash("pencil"));
    EXPECT_EQ(of("native").native, hash);
    EXPECT_FALSE(of("native").caching_sha2);
    EXPECT_FALSE(of("scram").native);
    EXPECT_FALSE(of("scram").caching_sha2);
    cache.remember("scram", pencil, *caching_sha2_hash("pencil"));
    EXPECT_EQ(of("scram").caching_sha2, caching_sha2_hash("pencil"));
    EXPECT_EQ(store->mysql_secrets_of(store->find("scram"), "scram", nullptr).caching_sha2, std::nullopt);
    // Nobody's secrets are a stranger's, and the same each time.
    EXPECT_TRUE(of("mallory").native);
    EXPECT_NE(of("mallory").native, hash);
    EXPECT_EQ(of("mallory").native, of("mallory").native);
    EXPECT_NE(of("mallory").native, of("none").native);
}

TEST(credential_store, a_strangers_mysql_secrets_are_those_most_users_have) {
    auto store = store_of({make_user("a", pencil), make_user("b", pencil), make_user("c", "plain")});
    mysql_secrets secrets = store->mysql_secrets_of(store->find("mallory"), "mallory", nullptr);
    EXPECT_FALSE(secrets.native || secrets.caching_sha2);
    store = store_of({make_user("a", native_pencil), make_user("b", native_pencil), make_user("c", pencil)});
    secrets = store->mysql_secrets_of(store->find("mallory"), "mallory", nullptr);
    EXPECT_TRUE(secrets.native && !secrets.caching_sha2);
}

TEST(credential_store, checks_a_password_against_every_kind_of_secret) {
    auto store = store_of({make_user("plain", "pencil"), make_user("native", native_pencil),
                           make_user("scram", pencil), make_user("md5", *make_md5_secret("pencil", "md5"))});
    for (std::string name : {"plain", "native", "scram", "md5", "md5.acme", "native.acme"}) {
        credential who = store->find(name);
        EXPECT_TRUE(who.has_secret && password_matches(who, name, "pencil")) << name;
        EXPECT_FALSE(password_matches(who, name, "Pencil")) << name;
        EXPECT_FALSE(password_matches(who, name, "")) << name;
    }
    EXPECT_FALSE(password_matches(store->find("mallory"), "mallory", "pencil"));
}

TEST(credential_store, a_malformed_verifier_is_no_password) {
    std::string broken(pencil.substr(0, pencil.size() - 1));
    auto store = store_of({make_user("a", broken), make_user("b", pencil)});
    EXPECT_FALSE(store->find("a").has_secret);
    EXPECT_EQ(store->malformed(), std::vector<std::string>{"a"});
}

TEST(credential_store, takes_verifiers_over_where_the_password_is_the_same) {
    auto before = store_of({make_user("a", "one"), make_user("b", "two")});
    auto after = store_of({make_user("b", "two"), make_user("a", "changed"), make_user("c", "one")}, before);
    EXPECT_EQ(after->find("b").verifier.salt, before->find("b").verifier.salt);
    EXPECT_NE(after->find("a").verifier.salt, before->find("a").verifier.salt);
    EXPECT_TRUE(verify_password(after->find("a").verifier, "changed"));
    EXPECT_TRUE(verify_password(after->find("c").verifier, "one"));
}

TEST(credential_store, derives_many_passwords_over_threads) {
    std::vector<config::User> users;
    for (int i = 0; i < 40; ++i) users.push_back(make_user("u" + std::to_string(i), "p" + std::to_string(i)));
    auto store =
        std::move(credential_store::build(snapshot_of(std::move(users)), nullptr, &system_random, 4)).value();
    for (int i = 0; i < 40; i += 13)
        EXPECT_TRUE(verify_password(store->find("u" + std::to_string(i)).verifier, "p" + std::to_string(i)));
    EXPECT_NE(store->find("u1").verifier.salt, store->find("u2").verifier.salt);
}

TEST(credential_store, fails_without_randomness) {
    EXPECT_FALSE(credential_store::build(snapshot_of({}), nullptr, [](std::span<std::uint8_t>) {
                     return false;
                 }).ok());
}

}  // namespace
}  // namespace fairlead::proxy::auth

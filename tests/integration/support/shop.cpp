#include "tests/integration/support/shop.h"

#include "tests/integration/support/postgres_server.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace fairlead::test {
namespace {

using dal::postgres::Connection;

std::vector<std::string> tables_and_rows() {
    return {
        "CREATE TABLE users (tenant_id text NOT NULL, user_id int, username text, PRIMARY KEY (tenant_id, "
        "user_id))",
        "CREATE TABLE orders (id bigserial, tenant_id varchar(40) NOT NULL, note text, PRIMARY KEY "
        "(tenant_id, id))",
        "CREATE TABLE events (tenant_id text NOT NULL, at date NOT NULL, what text) PARTITION BY RANGE (at)",
        "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        "CREATE TABLE plans (plan text PRIMARY KEY, price int)",
        "CREATE VIEW user_names WITH (security_invoker = true) AS SELECT tenant_id, username FROM users",
        "INSERT INTO users VALUES ('acme', 1, 'Suzuki'), ('acme', 2, 'Sato'), ('globex', 1, 'Nakamura')",
        "INSERT INTO orders (tenant_id, note) VALUES ('acme', 'tea'), ('globex', 'rice')",
        "INSERT INTO events VALUES ('acme', '2025-05-05', 'a'), ('globex', '2025-06-06', 'g')",
        "INSERT INTO plans VALUES ('basic', 10)",
        "GRANT SELECT ON user_names TO PUBLIC",
    };
}

}  // namespace

dal::Rows must(Connection& connection, const std::string& statement,
               const Connection::Parameters& parameters) {
    auto rows = connection.execute(statement, parameters, std::chrono::seconds(60));
    if (rows) return std::move(rows).value();
    ADD_FAILURE() << statement << "\n" << rows.error().sqlstate << " " << rows.error().message;
    return {};
}

void begin(Connection& connection, const std::string& token) {
    must(connection, "BEGIN");
    if (!token.empty()) must(connection, std::string(policy::postgres::set_context_statement), {token});
}

void rollback(Connection& connection) {
    must(connection, "ROLLBACK");
}

Shop::Shop(config::Isolation isolation) {
    static int count = 0;
    const std::string number = std::to_string(++count);
    owner = "owner_" + number;
    backend.name = "pg1";
    backend.host = "127.0.0.1";
    backend.port = shared_server().port();
    backend.user = "app_" + number;
    backend.password = "app password";
    backend.tls.mode = config::TlsMode::disable;
    placement.name = "shared";
    placement.backend = "pg1";
    placement.database = "shop_" + number;
    placement.tenant_column = "tenant_id";
    placement.global_tables = {"plans"};
    placement.isolation = isolation;
    if (isolation == config::Isolation::sealed) {
        keys = policy::postgres::context_keys({}, backend.password, backend.user, placement.database).value();
    }
    Connection superuser = shared_server().connect("postgres", "postgres");
    must(superuser, "CREATE ROLE " + owner + " LOGIN");
    must(superuser, "CREATE ROLE " + backend.user + " LOGIN");
    must(superuser, "CREATE DATABASE " + placement.database + " OWNER " + owner);
    Connection connection = as_owner();
    for (const std::string& statement : tables_and_rows()) must(connection, statement);
}

Connection Shop::as_superuser() const {
    return shared_server().connect("postgres", placement.database);
}
Connection Shop::as_owner() const {
    return shared_server().connect(owner, placement.database);
}
Connection Shop::as_app() const {
    return shared_server().connect(backend.user, placement.database);
}

void Shop::run(const std::vector<std::string>& statements) const {
    Connection connection = as_superuser();
    for (const std::string& statement : statements) must(connection, statement);
}

void Shop::install() const {
    Connection connection = as_owner();
    const auto report = dal::postgres::install_policy(connection, backend, placement, keys);
    ASSERT_TRUE(report) << report.error().message << "\n" << report.error().hint;
}

std::vector<dal::Finding> Shop::verify() const {
    Connection connection = as_app();
    const auto verified =
        dal::postgres::verify_placement(connection, backend, placement, keys, {}, "shop.toml");
    if (verified) return verified->findings;
    ADD_FAILURE() << verified.error().message;
    return {};
}

std::string Shop::token(Connection& connection, std::string_view tenant, std::int64_t valid_for_s) const {
    const std::string tag = must(connection, std::string(policy::postgres::connection_tag_query)).single();
    policy::postgres::ContextSealer sealer(keys.front());
    std::string out;
    sealer.seal(out, tenant, connection.backend_pid(), std::strtoll(tag.c_str(), nullptr, 10),
                static_cast<std::int64_t>(std::time(nullptr)) + valid_for_s);
    return out;
}

}  // namespace fairlead::test

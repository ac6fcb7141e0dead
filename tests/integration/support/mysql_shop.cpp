#include "tests/integration/support/mysql_shop.h"

#include "tests/integration/support/mariadb_server.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace fairlead::test {
namespace {

std::string replaced(std::string text, std::string_view mark, const std::string& value) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
        text.replace(at, mark.size(), value);
    }
    return text;
}

}  // namespace

MysqlShop::MysqlShop() {
    static int count = 0;
    const std::string number = std::to_string(++count);
    backend.name = "my1";
    backend.engine = config::Engine::mysql;
    backend.host = "127.0.0.1";
    backend.port = shared_mariadb().port();
    backend.user = "app" + number;
    backend.password = "app password";
    backend.tls.mode = config::TlsMode::disable;
    placement.name = "shared";
    placement.backend = "my1";
    placement.database = "shop" + number;
    placement.tenant_column = "tenant_id";
    placement.global_tables = {"plans"};
    placement.isolation = config::Isolation::rewrite;
    account = "'" + backend.user + "'@'%'";
    dal::mysql::Connection root = shared_mariadb().connect();
    must(root, "CREATE DATABASE " + placement.database);
    must(root, "CREATE USER " + account + " IDENTIFIED BY 'app password'");
    run({"GRANT SELECT, INSERT, UPDATE, DELETE, SHOW VIEW ON %D.* TO %A",
         "CREATE TABLE users (tenant_id varchar(40) CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,"
         " id int, name varchar(40), PRIMARY KEY (tenant_id, id))",
         "CREATE TABLE orders (tenant_id varbinary(40) NOT NULL, id int, note text,"
         " PRIMARY KEY (tenant_id, id))",
         "CREATE TABLE plans (plan varchar(20) PRIMARY KEY, price int)"});
}

dal::mysql::Connection MysqlShop::as_root() const {
    return shared_mariadb().connect("root", "", placement.database);
}
dal::mysql::Connection MysqlShop::as_app() const {
    return shared_mariadb().connect(backend.user, backend.password);
}

void MysqlShop::run(const std::vector<std::string>& statements) const {
    dal::mysql::Connection connection = as_root();
    for (const std::string& statement : statements) {
        must(connection, replaced(replaced(statement, "%A", account), "%D", placement.database));
    }
}

dal::mysql::Verification MysqlShop::verify() const {
    dal::mysql::Connection connection = as_app();
    auto verified = dal::mysql::verify_placement(connection, backend, placement, {placement.database});
    if (verified) return std::move(verified).value();
    ADD_FAILURE() << verified.error().message;
    return {};
}

}  // namespace fairlead::test

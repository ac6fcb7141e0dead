#pragma once

#include "config/settings.h"
#include "dal/driver/mysql/connection.h"
#include "dal/estate/mysql/verify_placement.h"

#include <string>
#include <vector>

namespace fairlead::test {

/// One test's database on the shared MariaDB, an account that serves it, and the settings that point at them.
/// Names are its own, so tests do not meet. Its tables are as they should be: users, orders (of tenants),
/// plans (global).
class MysqlShop {
public:
    MysqlShop();

    dal::mysql::Connection as_root() const;
    dal::mysql::Connection as_app() const;
    /// Runs one statement after the other as root, in the shop; a failure fails the test. %A stands for the
    /// account, %D for the database.
    void run(const std::vector<std::string>& statements) const;
    dal::mysql::Verification verify() const;

    config::Backend backend;
    config::Placement placement;
    std::string account;  // 'app_1'@'%'
};

}  // namespace fairlead::test

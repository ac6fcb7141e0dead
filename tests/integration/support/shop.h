#pragma once

#include "config/settings.h"
#include "dal/driver/postgres/connection.h"
#include "dal/estate/finding.h"
#include "dal/estate/postgres/install_policy.h"
#include "dal/estate/postgres/verify_placement.h"
#include "policy/postgres/sealed_context.h"

#include <string>
#include <vector>

namespace fairlead::test {

/// One test's database: an owner, an app role, a handful of tables of every kind with rows of acme and
/// globex, and the settings that point at them. Roles and database have names of their own, so tests do not
/// meet.
class Shop {
public:
    explicit Shop(config::Isolation isolation = config::Isolation::sealed);

    dal::postgres::Connection as_superuser() const;
    dal::postgres::Connection as_owner() const;
    dal::postgres::Connection as_app() const;

    /// Runs one statement after the other as the superuser; a failure fails the test.
    void run(const std::vector<std::string>& statements) const;
    void install() const;
    std::vector<dal::Finding> verify() const;

    /// A token for a server connection, as the proxy would make it.
    std::string token(dal::postgres::Connection& connection, std::string_view tenant,
                      std::int64_t valid_for_s = 3600) const;

    config::Backend backend;
    config::Placement placement;
    std::string owner;
    std::vector<policy::postgres::ContextKey> keys;
};

/// Runs a statement whose success is not in question; fails the test otherwise.
dal::Rows must(dal::postgres::Connection& connection, const std::string& statement,
               const dal::postgres::Connection::Parameters& parameters = {});

/// BEGIN, and the context (none when empty).
void begin(dal::postgres::Connection& connection, const std::string& token);
void rollback(dal::postgres::Connection& connection);

}  // namespace fairlead::test

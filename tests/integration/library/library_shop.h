#pragma once

#include "fairlead/data_source.h"
#include "tests/integration/support/mysql_shop.h"
#include "tests/integration/support/shop.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::test {

/// One test's database on one engine, with a table `items` of the tenants acme and globex on shared tables,
/// of initech in a schema (PostgreSQL) or database (MySQL) of its own, and of umbrella in a silo; and the
/// configuration file that leads there.
///
///     items (tenant_id, id integer, note text, amount numeric(10,2), big bigint, data bytes; key (tenant_id,
///     id))
///
/// Elsewhere than on shared tables without tenant_id.
class library_shop {
public:
    explicit library_shop(config::Engine engine);
    ~library_shop();

    bool is_postgres() const { return engine_ == config::Engine::postgres; }
    DataSource open(const OpenOptions& options = {}) const;
    const std::string& config_file() const { return file_; }
    /// Writes the file again; `tenants`: "id placement" each. `extra`: more lines of the backend.
    void write(const std::vector<std::pair<std::string, std::string>>& tenants,
               const std::string& extra = "") const;
    void write_default(const std::string& extra = "") const;

    /// As the server's administrator, in the shared database.
    void run(const std::string& statement) const;
    /// The only value of a statement, as the administrator.
    std::string ask(const std::string& statement) const;
    /// The engine's n-th placeholder.
    std::string p(int n) const { return is_postgres() ? "$" + std::to_string(n) : "?"; }
    /// Ends all connections of the account that the library uses.
    void cut_connections() const;
    std::string sleep(const std::string& seconds) const;

private:
    void make_postgres();
    void make_mysql();
    std::string backend_lines() const;

    const config::Engine engine_;
    std::unique_ptr<Shop> postgres_;
    std::unique_ptr<MysqlShop> mysql_;
    std::string silo_;  // its database
    std::string bridge_;
    std::filesystem::path folder_;
    std::string file_;
};

std::string engine_name(config::Engine engine);

}  // namespace fairlead::test

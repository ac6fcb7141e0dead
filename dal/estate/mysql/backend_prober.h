#pragma once

#include "dal/driver/mysql/connection.h"
#include "dal/estate/backend_prober.h"

#include <string>
#include <vector>

namespace fairlead::dal::mysql {

/// MySQL and MariaDB: one connection for everything. Tables are counted by the names in the dictionary, which
/// opens none of them and no file; views and sequences count as well, since telling them apart would open a
/// file each.
class BackendProber final : public dal::BackendProber {
public:
    BackendProber(config::Backend backend, std::vector<config::Placement> placements);

private:
    std::string ask(std::size_t max_databases) override;
    std::string read_counters(Connection& connection);
    std::string read_databases(Connection& connection);
    std::string count_tables(Connection& connection, std::size_t max_databases);
    void count_tables(Connection& connection, DatabaseProbe& probe);
};

}  // namespace fairlead::dal::mysql

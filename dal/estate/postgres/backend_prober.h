#pragma once

#include "dal/estate/backend_prober.h"

#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// PostgreSQL: a connection for the server and one for each database, since tables are seen from inside only.
class BackendProber final : public dal::BackendProber {
public:
    BackendProber(config::Backend backend, std::vector<config::Placement> placements);

private:
    std::string ask(std::size_t max_databases) override;
    std::string first_database() const;
    bool is_ours(const std::string& database) const;
    std::string read_server();
    void count_tables(DatabaseProbe& probe);
};

}  // namespace fairlead::dal::postgres

#pragma once

#include "dal/estate/backend_prober.h"
#include "dal/estate/hit_ratio.h"

#include <map>
#include <string>
#include <vector>

namespace fairlead::dal::postgres {

/// PostgreSQL: a connection for the server and one for each database, since tables are seen from inside only.
class BackendProber final : public dal::BackendProber {
public:
    BackendProber(config::Backend backend, std::vector<config::Placement> placements);

    BackendProbe run(std::size_t max_databases) override;

private:
    struct Known {  // one database
        HitRatio hit_ratio;
        DatabaseProbe probe;
    };

    std::string first_database() const;
    bool is_ours(const std::string& database) const;
    std::string read_server();
    void count_tables(std::size_t max_databases);
    void count_tables(DatabaseProbe& probe);

    config::Backend backend_;
    std::vector<config::Placement> placements_;
    HitRatio hit_ratio_;
    BackendProbe last_;
    std::map<std::string, Known> known_;
    std::string next_;  // the database to go on with
};

}  // namespace fairlead::dal::postgres

#pragma once

#include "dal/estate/served_placement.h"
#include "proxy/session/mysql/placement_scope.h"
#include "proxy/session/postgres/placement_scope.h"

#include <memory>
#include <vector>

namespace fairlead::proxy::worker {

/// A placement as the data access layer judged it, and what this proxy's sessions go by. Of the scopes the
/// one of its engine is set while it is served.
struct scoped_placement {
    dal::served_placement verified;
    std::shared_ptr<const postgres::placement_scope> postgres;
    std::shared_ptr<const mysql::placement_scope> mysql;

    bool served() const { return verified.served(); }
};

/// `before`: as they are served now. Where nothing that a session goes by has changed the scope is the same
/// object, so that cached verdicts live on; sessions and verdict caches compare addresses.
std::vector<scoped_placement> make_scopes(std::vector<dal::served_placement> verified,
                                          const std::vector<scoped_placement>& before);

}  // namespace fairlead::proxy::worker

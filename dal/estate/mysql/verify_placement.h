#pragma once

#include "config/settings.h"
#include "dal/driver/mysql/connection.h"
#include "dal/estate/mysql/server_facts.h"
#include "dal/estate/verification.h"

#include <string>
#include <vector>

namespace fairlead::dal::mysql {

struct Verification : dal::Verification {
    ServerFacts server;  // of every placement: sessions need it to read texts as the server does
};

/// Whether a placement holds, asked as the account that will serve it. Changes nothing; some tens of
/// milliseconds. Of a bridge only server and account are looked at; a silo has no findings. `connection`
/// need not be in the placement's database. `databases`: config::databases_of() the backend. Error: the
/// server could not be read, which is a reason not to serve either.
SqlResult<Verification> verify_placement(Connection& connection, const config::Backend& backend,
                                         const config::Placement& placement,
                                         const std::vector<std::string>& databases);

}  // namespace fairlead::dal::mysql

#pragma once

#include "dal/estate/mysql/inventory.h"

namespace fairlead::dal::mysql {

/// What the connected account may do. Roles that it could switch to are switched to, one after the other, to
/// see what they may; the connection ends as it began.
SqlResult<AccountFacts> read_account(Connection& connection, policy::mysql::flavour flavour);

}  // namespace fairlead::dal::mysql

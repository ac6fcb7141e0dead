#pragma once

#include "dal/library/tenant_impl.h"
#include "dal/session/kept_connection.h"
#include "fairlead/row_stream.h"
#include "fairlead/statement.h"

#include <memory>

namespace fairlead::detail {

/// A stream whose rows are waited for on the calling thread; its first ones are there. `kept`: the
/// transaction or session it belongs to, or null. Empty when `failed`.
RowStream open_blocking_stream(std::shared_ptr<const tenant_impl> tenant,
                               std::shared_ptr<const dal::tenant_home> home,
                               std::shared_ptr<dal::kept_connection> kept, const Statement& statement,
                               Diagnostics& failed);

}  // namespace fairlead::detail

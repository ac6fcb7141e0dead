#pragma once

#include "dal/async/kept_line.h"
#include "fairlead/async.h"

#include <memory>

namespace fairlead::dal {

/// A savepoint of the transaction `line`. Not yet open.
std::shared_ptr<fairlead::detail::async_savepoint> make_async_savepoint(std::shared_ptr<kept_line> line);

}  // namespace fairlead::dal

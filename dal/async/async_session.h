#pragma once

#include "dal/async/call_origin.h"
#include "fairlead/async.h"

#include <memory>

namespace fairlead::dal {

/// What is behind an AsyncSession.
std::shared_ptr<fairlead::detail::async_target> make_async_session(const call_origin& origin);

}  // namespace fairlead::dal

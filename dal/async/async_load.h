#pragma once

#include "dal/async/kept_line.h"
#include "fairlead/async.h"

#include <memory>
#include <span>
#include <string_view>

namespace fairlead::dal {

/// What is behind an AsyncBulkLoad. `line`: the transaction that is the load's own, or that it is a part of.
/// Null: `failed` says why.
std::shared_ptr<fairlead::detail::async_load> open_async_load(std::shared_ptr<kept_line> line, bool own,
                                                              std::string_view table,
                                                              std::span<const std::string_view> columns,
                                                              Diagnostics& failed);

}  // namespace fairlead::dal

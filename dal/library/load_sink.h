#pragma once

#include "dal/library/transaction_impl.h"
#include "fairlead/bulk_load.h"
#include "policy/bulk_load.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::detail {

/// A load in a transaction of its own.
std::unique_ptr<bulk_sink> open_load(std::shared_ptr<const tenant_impl> tenant, std::string_view table,
                                     std::span<const std::string_view> columns, Diagnostics& failed);
/// A load in this transaction, behind a savepoint; it must end before the transaction does.
std::unique_ptr<bulk_sink> open_load(transaction_impl& transaction, std::string_view table,
                                     std::span<const std::string_view> columns, Diagnostics& failed);

}  // namespace fairlead::detail

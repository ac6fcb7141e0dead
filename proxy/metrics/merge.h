#pragma once

#include "proxy/metrics/worker_snapshot.h"

#include <vector>

namespace fairlead::proxy::metrics {

/// The sum of all workers: placements, backends, tenants and labels with the same name become one. The order
/// is the one of first appearance, so scrapes of the same process list series in the same order.
worker_snapshot merge(const std::vector<worker_snapshot>& workers);

}  // namespace fairlead::proxy::metrics

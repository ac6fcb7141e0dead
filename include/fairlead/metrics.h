#pragma once

#include "fairlead/data_source.h"

#include <memory>

namespace prometheus {
class Collectable;
}

namespace fairlead {

/// The library's metrics (docs/metrics.md), for prometheus-cpp: give it to Exposer::RegisterCollectable()
/// beside your registry, or `beside` it: then one collectable has both. Collecting is thread-safe and takes
/// the pool's lock for microseconds. Keeps the DataSource open.
FAIRLEAD_API std::shared_ptr<prometheus::Collectable> metrics_collector(
    const DataSource& source, std::shared_ptr<prometheus::Collectable> beside = nullptr);

}  // namespace fairlead

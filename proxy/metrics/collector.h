#pragma once

#include "proxy/metrics/busiest_tenants.h"
#include "proxy/metrics/metrics_source.h"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace fairlead::proxy::metrics {

struct build_info {
    std::string version;
    std::string compiler;
};

/// Merges what workers, pools and probes know into metric families. The names are frozen: users' dashboards
/// and alerts hang on them. Thread-safe: concurrent scrapes take turns.
class collector : public prometheus::Collectable {
public:
    /// `source` must outlive the collector. `busiest`: how many tenants get series of their own.
    collector(metrics_source& source, std::size_t busiest, build_info build);

    std::vector<prometheus::MetricFamily> Collect() const override;

    /// Collect() in the text exposition format, for GET /metrics.
    std::string text() const;
    /// Content type that goes with text().
    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

private:
    metrics_source& source_;
    build_info build_;
    mutable std::mutex mutex_;
    mutable busiest_tenants busiest_;  // under mutex_
};

}  // namespace fairlead::proxy::metrics

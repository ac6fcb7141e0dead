#pragma once

#include "dal/metrics/histogram_sample.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string_view>
#include <utility>

namespace fairlead::dal::metrics {

using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// One metric under construction: its name, help and type, to which samples are added. The name ends in
/// `_total` for counters and has its unit in it (docs/metrics.md,
/// tests/unit/proxy/metrics/metrics_names.txt).
class family {
public:
    family(std::string_view name, prometheus::MetricType type, std::string_view help);

    /// A sample of a counter or gauge.
    family& add(labels with, double value);
    family& add(labels with, const histogram_sample& value);

    prometheus::MetricFamily take() && { return std::move(family_); }

private:
    prometheus::ClientMetric& add_metric(labels with);
    prometheus::MetricFamily family_;
};

}  // namespace fairlead::dal::metrics

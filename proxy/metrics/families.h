#pragma once

#include "dal/metrics/family.h"
#include "proxy/metrics/metrics_source.h"
#include "proxy/metrics/worker_snapshot.h"

#include <prometheus/metric_family.h>

#include <vector>

/// One function for each group of metrics; each appends its families to `out`. Every family is always listed,
/// also without samples, so that a dashboard finds its name from the first scrape.
namespace fairlead::proxy::metrics {

using dal::metrics::family;
using dal::metrics::labels;
using families = std::vector<prometheus::MetricFamily>;

void append_client_families(families& out, const worker_snapshot& all);
void append_transaction_families(families& out, const worker_snapshot& all);
void append_guard_families(families& out, const worker_snapshot& all);
void append_backend_families(families& out, const worker_snapshot& all,
                             const std::vector<pool_sample>& pools);
void append_tenant_families(families& out, const std::vector<tenant_sample>& busiest);
void append_estate_families(families& out, const std::vector<estate_sample>& estate);

}  // namespace fairlead::proxy::metrics

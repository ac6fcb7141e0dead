#include "proxy/metrics/collector.h"

#include "proxy/metrics/families.h"
#include "proxy/metrics/merge.h"

#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

namespace fairlead::proxy::metrics {
namespace {

using prometheus::MetricType;

void append_process_families(families& out, const metrics_snapshot& snapshot, const build_info& build) {
    out.push_back(
        std::move(family("fairlead_build_info", MetricType::Gauge, "Always 1; the labels say what runs.")
                      .add({{"version", build.version}, {"compiler", build.compiler}}, 1))
            .take());
    out.push_back(std::move(family("fairlead_config_generation", MetricType::Gauge,
                                   "Grows by one with each configuration that was taken.")
                                .add({}, static_cast<double>(snapshot.config_generation)))
                      .take());
    out.push_back(std::move(family("fairlead_tenants", MetricType::Gauge, "Tenants that the directory knows.")
                                .add({}, static_cast<double>(snapshot.tenants)))
                      .take());
    out.push_back(std::move(family("fairlead_workers", MetricType::Gauge, "Worker threads in this scrape.")
                                .add({}, static_cast<double>(snapshot.workers.size())))
                      .take());
    family up("fairlead_placement_up", MetricType::Gauge,
              "1 while the placement is served, 0 when it is refused.");
    for (const placement_state& each : snapshot.placements) {
        up.add({{"placement", each.placement}, {"backend", each.backend}}, each.up ? 1 : 0);
    }
    out.push_back(std::move(up).take());
}

}  // namespace

collector::collector(metrics_source& source, std::size_t busiest, build_info build)
    : source_(source), build_(std::move(build)), busiest_(busiest) {}

std::vector<prometheus::MetricFamily> collector::Collect() const {
    std::lock_guard lock(mutex_);
    const metrics_snapshot snapshot = source_.take_snapshot();
    worker_snapshot all = merge(snapshot.workers);
    const std::vector<tenant_sample> busiest = busiest_.pick(std::move(all.tenants));

    families out;
    append_process_families(out, snapshot, build_);
    append_client_families(out, all);
    append_transaction_families(out, all);
    append_guard_families(out, all);
    append_backend_families(out, all, snapshot.pools);
    append_tenant_families(out, busiest);
    append_estate_families(out, snapshot.estate);
    return out;
}

std::string collector::text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, Collect());
    return std::move(out).str();
}

}  // namespace fairlead::proxy::metrics

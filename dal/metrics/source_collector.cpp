#include "dal/library/data_source_impl.h"
#include "dal/metrics/family.h"
#include "fairlead/metrics.h"

#include <prometheus/collectable.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead {
namespace {

using dal::metrics::family;
using prometheus::MetricType;

// By errc; the first is success. Frozen: dashboards hang on them (docs/metrics.md).
constexpr std::array<std::string_view, dal::outcome_count> outcomes = {"ok",
                                                                       "configuration",
                                                                       "refused",
                                                                       "pool_timeout",
                                                                       "deadline",
                                                                       "cancelled",
                                                                       "connection",
                                                                       "outcome_unknown",
                                                                       "data",
                                                                       "integrity",
                                                                       "transaction_state",
                                                                       "serialization",
                                                                       "syntax_or_access",
                                                                       "resources",
                                                                       "server",
                                                                       "usage",
                                                                       "conversion"};

class source_collector final : public prometheus::Collectable {
public:
    source_collector(DataSource source, std::shared_ptr<prometheus::Collectable> beside)
        : source_(std::move(source)), beside_(std::move(beside)) {}

    std::vector<prometheus::MetricFamily> Collect() const override {
        std::vector<prometheus::MetricFamily> all;
        if (beside_ != nullptr) all = beside_->Collect();
        append_pools(all);
        append_placements(all);
        return all;
    }

private:
    void append_pools(std::vector<prometheus::MetricFamily>& all) const;
    void append_placements(std::vector<prometheus::MetricFamily>& all) const;

    const DataSource source_;
    const std::shared_ptr<prometheus::Collectable> beside_;
};

void source_collector::append_pools(std::vector<prometheus::MetricFamily>& all) const {
    family connections("fairlead_dal_pool_connections", MetricType::Gauge, "Server connections by state");
    family waiting("fairlead_dal_pool_waiting", MetricType::Gauge, "Calls that wait for a connection");
    family connects("fairlead_dal_pool_connects_total", MetricType::Counter, "Logins begun");
    family failures("fairlead_dal_pool_connect_failures_total", MetricType::Counter, "Logins that failed");
    family timeouts("fairlead_dal_pool_timeouts_total", MetricType::Counter,
                    "Calls that got no connection within pool_timeout");
    family recycled("fairlead_dal_pool_recycled_total", MetricType::Counter,
                    "Connections closed because of their age");
    for (const PoolState& pool : source_.pools()) {
        connections.add({{"backend", pool.backend}, {"state", "connecting"}}, pool.connecting)
            .add({{"backend", pool.backend}, {"state", "idle"}}, pool.idle)
            .add({{"backend", pool.backend}, {"state", "lent"}}, pool.lent);
        waiting.add({{"backend", pool.backend}}, pool.waiting);
        connects.add({{"backend", pool.backend}}, static_cast<double>(pool.connects));
        failures.add({{"backend", pool.backend}}, static_cast<double>(pool.connect_failures));
        timeouts.add({{"backend", pool.backend}}, static_cast<double>(pool.timeouts));
        recycled.add({{"backend", pool.backend}}, static_cast<double>(pool.recycled));
    }
    for (family* each : {&connections, &waiting, &connects, &failures, &timeouts, &recycled})
        all.push_back(std::move(*each).take());
}

void source_collector::append_placements(std::vector<prometheus::MetricFamily>& all) const {
    family up("fairlead_dal_placement_up", MetricType::Gauge, "1: served, 0: refused");
    family statements("fairlead_dal_statements_total", MetricType::Counter, "Statements by outcome");
    family waits("fairlead_dal_wait_seconds", MetricType::Histogram,
                 "How long calls waited for a connection");
    family generation("fairlead_dal_config_generation", MetricType::Gauge,
                      "Grows with each reload that was taken over");
    const auto version = source_.impl()->estate().version();
    for (const auto& [name, placement] : version->placements) {
        up.add({{"placement", name}, {"backend", placement.served.backend}},
               placement.served.served() ? 1 : 0);
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            const std::uint64_t count = placement.counters->statements(static_cast<errc>(i));
            // Success always, so that a rate has a beginning; failures once there are any.
            if (count > 0 || i == 0)
                statements.add({{"placement", name}, {"outcome", outcomes[i]}}, static_cast<double>(count));
        }
        waits.add({{"placement", name}}, placement.counters->waits());
    }
    generation.add({}, static_cast<double>(version->snapshot->generation()));
    for (family* each : {&up, &statements, &waits, &generation}) all.push_back(std::move(*each).take());
}

}  // namespace

std::shared_ptr<prometheus::Collectable> metrics_collector(const DataSource& source,
                                                           std::shared_ptr<prometheus::Collectable> beside) {
    if (source.impl() == nullptr) detail::fail_usage("the data source is not open");
    return std::make_shared<source_collector>(source, std::move(beside));
}

}  // namespace fairlead

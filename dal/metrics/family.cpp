#include "dal/metrics/family.h"

namespace fairlead::dal::metrics {

family::family(std::string_view name, prometheus::MetricType type, std::string_view help) {
    family_.name = name;
    family_.type = type;
    family_.help = help;
}

prometheus::ClientMetric& family::add_metric(labels with) {
    prometheus::ClientMetric& metric = family_.metric.emplace_back();
    for (const auto& [name, value] : with) metric.label.push_back({std::string(name), std::string(value)});
    return metric;
}

family& family::add(labels with, double value) {
    prometheus::ClientMetric& metric = add_metric(with);
    if (family_.type == prometheus::MetricType::Counter) {
        metric.counter.value = value;
    } else {
        metric.gauge.value = value;
    }
    return *this;
}

family& family::add(labels with, const histogram_sample& value) {
    prometheus::ClientMetric::Histogram& made = add_metric(with).histogram;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < duration_bounds.size(); ++i) {
        cumulative += value.buckets[i];
        made.bucket.push_back({cumulative, std::chrono::duration<double>(duration_bounds[i]).count()});
    }
    made.sample_count = value.count();  // the serializer adds the +Inf bucket from it
    made.sample_sum = static_cast<double>(value.sum_nanoseconds) * 1e-9;
    return *this;
}

}  // namespace fairlead::dal::metrics

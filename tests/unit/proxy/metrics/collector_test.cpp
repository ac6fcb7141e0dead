#include "proxy/metrics/collector.h"

#include "proxy/metrics/worker_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace fairlead::proxy::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class fake_source : public metrics_source {
public:
    metrics_snapshot take_snapshot() override { return snapshot; }
    metrics_snapshot snapshot;
};

// One worker that has met everything once, so that every family has a sample.
worker_snapshot busy_worker() {
    worker_metrics worker;
    worker.clients_logging_in.set(1);
    worker.client_logins_ok.add(3);
    worker.client_logins_failed.add();
    worker.login_errors.add(error_source::fairlead, "28P01");
    placement_metrics& shared = worker.placement("pg1", "shared");
    shared.clients_idle.add(4);
    shared.clients_waiting.add(2);
    shared.links.add(10);
    shared.queue_wait.record(60us);
    shared.transaction_duration.record(2ms);
    shared.client_bytes_in.add(100);
    shared.pin(policy::Pin::listen);
    shared.refusals.add("session-setting");
    shared.errors.add(error_source::server, "42P01");
    backend_metrics& backend = worker.backend("pg1");
    backend.logins_ok.add(2);
    backend.connection_attempts.add(3);
    backend.name_lookups.add();
    worker.tenants.enter("acme").links.add(10);
    worker_snapshot copy = worker.snapshot();
    copy.verdict_cache = {.hits = 90, .misses = 10, .evictions = 1, .bytes = 4096};
    return copy;
}

void fill(fake_source& source) {
    metrics_snapshot& all = source.snapshot;
    all.workers = {busy_worker(), busy_worker()};
    all.config_generation = 2;
    all.tenants = 100'000;
    all.placements = {{"pg1", "shared", true}, {"pg2", "globex_silo", false}};
    dal::PoolStats stats;
    stats.idle = 3;
    stats.lent = 17;
    stats.waiting = 4;
    stats.oldest_wait = 1'500ms;
    all.pools = {{.backend = "pg1", .pool_size = 20, .stats = stats}};
    all.estate = {{.backend = "pg1",
                   .tables = {{.database = "shop", .placement = "shared", .tables = 100}},
                   .buffer_hit_ratio_interval = 0.5,
                   .buffer_hit_ratio_start = 0.25,
                   .connections_used = 21,
                   .connections_max = 100,
                   .connection_attempts = 5'000,
                   .connections_aborted = 4,
                   .table_cache_misses = 60,
                   .tables_opened = 70,
                   .age = 2'500ms},
                  {.backend = "pg2",
                   .tables = {},
                   .buffer_hit_ratio_interval = {},
                   .buffer_hit_ratio_start = {},
                   .connections_used = {},
                   .connections_max = {},
                   .connection_attempts = {},
                   .connections_aborted = {},
                   .table_cache_misses = {},
                   .tables_opened = {},
                   .age = {}}};
}

std::string type_name(prometheus::MetricType type) {
    switch (type) {
        case prometheus::MetricType::Counter:
            return "counter";
        case prometheus::MetricType::Gauge:
            return "gauge";
        case prometheus::MetricType::Histogram:
            return "histogram";
        default:
            return "unexpected";
    }
}

// "name type label,label" of each family, sorted.
std::set<std::string> names_of(const std::vector<prometheus::MetricFamily>& families) {
    std::set<std::string> lines;
    for (const prometheus::MetricFamily& family : families) {
        std::set<std::string> label_names;
        for (const auto& metric : family.metric) {
            for (const auto& label : metric.label) label_names.insert(label.name);
        }
        std::string line = family.name + " " + type_name(family.type);
        for (const std::string& label : label_names)
            line += (label == *label_names.begin() ? " " : ",") + label;
        lines.insert(line);
    }
    return lines;
}

std::set<std::string> golden_names() {
    std::ifstream file(FAIRLEAD_SOURCE_DIR "/tests/unit/proxy/metrics/metrics_names.txt");
    std::set<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != '#') lines.insert(line);
    }
    return lines;
}

TEST(collector, names_types_and_labels_are_those_that_were_promised) {
    fake_source source;
    fill(source);
    EXPECT_EQ(names_of(collector(source, 20, {"0.1.0", "gcc"}).Collect()), golden_names());
}

TEST(collector, every_family_is_documented_and_has_a_sample_in_the_full_case) {
    fake_source source;
    fill(source);
    std::ifstream file(FAIRLEAD_SOURCE_DIR "/docs/metrics.md");
    std::stringstream docs;
    docs << file.rdbuf();
    for (const auto& family : collector(source, 20, {"0.1.0", "gcc"}).Collect()) {
        EXPECT_THAT(docs.str(), HasSubstr("`" + family.name)) << "no entry in docs/metrics.md";
        EXPECT_FALSE(family.metric.empty()) << family.name;
        EXPECT_FALSE(family.help.empty()) << family.name;
        EXPECT_EQ(family.type == prometheus::MetricType::Counter, family.name.ends_with("_total"))
            << family.name;
    }
}

TEST(collector, no_two_samples_have_the_same_labels) {
    fake_source source;
    fill(source);
    for (const auto& family : collector(source, 20, {"0.1.0", "gcc"}).Collect()) {
        std::set<std::vector<prometheus::ClientMetric::Label>> seen;
        for (const auto& metric : family.metric) EXPECT_TRUE(seen.insert(metric.label).second) << family.name;
    }
}

TEST(collector, adds_workers_up) {
    fake_source source;
    fill(source);
    const std::string text = collector(source, 20, {"0.1.0", "gcc"}).text();
    EXPECT_THAT(text, HasSubstr("fairlead_links_total{placement=\"shared\",backend=\"pg1\"} 20\n"));
    EXPECT_THAT(
        text,
        HasSubstr("fairlead_client_connections{placement=\"shared\",backend=\"pg1\",state=\"idle\"} 8\n"));
    EXPECT_THAT(text,
                HasSubstr("fairlead_client_connections{placement=\"\",backend=\"\",state=\"login\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("reason=\"listen\"} 2\n"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "fairlead_refusals_total{placement=\"shared\",backend=\"pg1\",rule=\"session-setting\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("class=\"42\",source=\"server\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("class=\"28\",source=\"fairlead\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_tenant_links_total{tenant=\"acme\"} 20\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_verdict_cache_hits_total 180\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_connection_attempts_total{backend=\"pg1\"} 6\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_workers 2\n"));
}

TEST(collector, reports_pools_placements_and_estate) {
    fake_source source;
    fill(source);
    const std::string text = collector(source, 20, {"0.1.0", "gcc"}).text();
    EXPECT_THAT(text, HasSubstr("fairlead_server_connections{backend=\"pg1\",state=\"lent\"} 17\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_oldest_wait_seconds{backend=\"pg1\"} 1.5\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_placement_up{placement=\"globex_silo\",backend=\"pg2\"} 0\n"));
    EXPECT_THAT(text,
                HasSubstr("fairlead_tables{backend=\"pg1\",database=\"shop\",placement=\"shared\"} 100\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_buffer_hit_ratio{backend=\"pg1\",window=\"interval\"} 0.5\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_estate_probe_age_seconds{backend=\"pg1\"} 2.5\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_tables_threshold 10000\n"));
    // Not measured is not zero.
    EXPECT_THAT(text, Not(HasSubstr("fairlead_backend_connections_used{backend=\"pg2\"}")));
}

TEST(collector, histogram_buckets_are_cumulative_and_end_with_the_count) {
    fake_source source;
    fill(source);
    for (const auto& family : collector(source, 20, {"0.1.0", "gcc"}).Collect()) {
        if (family.name != "fairlead_queue_wait_seconds") continue;
        ASSERT_EQ(family.metric.size(), 1u);
        const auto& histogram = family.metric[0].histogram;
        ASSERT_EQ(histogram.bucket.size(), duration_bounds.size());
        EXPECT_EQ(histogram.bucket[0].cumulative_count, 0u);  // up to 50 us
        EXPECT_EQ(histogram.bucket[1].cumulative_count, 2u);  // up to 100 us
        EXPECT_EQ(histogram.bucket.back().cumulative_count, 2u);
        EXPECT_EQ(histogram.sample_count, 2u);
        EXPECT_DOUBLE_EQ(histogram.sample_sum, 120e-6);
        return;
    }
    FAIL() << "no queue wait";
}

TEST(collector, only_the_busiest_tenants_get_series) {
    fake_source source;
    worker_metrics worker;
    for (int i = 0; i < 50; ++i) {
        worker.tenants.enter("t" + std::to_string(i)).links.add(static_cast<std::uint64_t>(i));
    }
    source.snapshot.workers = {worker.snapshot()};
    const std::string text = collector(source, 2, {"0.1.0", "gcc"}).text();
    EXPECT_THAT(text, HasSubstr("fairlead_tenant_links_total{tenant=\"t49\"} 49\n"));
    EXPECT_THAT(text, HasSubstr("fairlead_tenant_links_total{tenant=\"t48\"} 48\n"));
    EXPECT_THAT(text, Not(HasSubstr("tenant=\"t47\"")));
}

TEST(collector, a_tenant_id_cannot_forge_a_line) {
    fake_source source;
    worker_metrics worker;
    worker.tenants.enter("x\"} 1\nfairlead_tenants 9\n\\");
    source.snapshot.workers = {worker.snapshot()};
    const std::string text = collector(source, 2, {"0.1.0", "gcc"}).text();
    EXPECT_THAT(text, Not(HasSubstr("\nfairlead_tenants 9")));
    EXPECT_THAT(text, HasSubstr("{tenant=\"x\\\"} 1\\nfairlead_tenants 9\\n\\\\\"}"));
}

}  // namespace
}  // namespace fairlead::proxy::metrics

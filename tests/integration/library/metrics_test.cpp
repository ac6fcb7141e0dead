#include "fairlead/metrics.h"

#include "tests/integration/library/engine_test.h"

#include <gmock/gmock.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace fairlead::test {
namespace {

using testing::HasSubstr;

class Metrics : public on_each_engine {};
INSTANTIATE_TEST_SUITE_P(Library, Metrics, both_engines(), name_of_engine);

TEST_P(Metrics, PoolsAndStatementsByOutcomeBesideTheApplicationsOwn) {
    DataSource db = shop.open();
    auto own = std::make_shared<prometheus::Registry>();
    prometheus::BuildGauge().Name("own_gauge").Register(*own).Add({}).Set(3);
    const auto collector = metrics_collector(db, own);
    Tenant tenant = db.tenant("acme");
    tenant.execute("SELECT 1");
    tenant.execute("SELECT 2");
    Diagnostics failed;
    tenant.execute(failed, "SELECT * FROM nowhere");
    const std::string text = prometheus::TextSerializer().Serialize(collector->Collect());
    EXPECT_THAT(text, HasSubstr("own_gauge 3"));
    EXPECT_THAT(text, HasSubstr("fairlead_dal_statements_total{placement=\"shared\",outcome=\"ok\"} 2"));
    EXPECT_THAT(text, HasSubstr("fairlead_dal_statements_total{placement=\"shared\",outcome=\"refused\"} 1"));
    EXPECT_THAT(text, HasSubstr("fairlead_dal_wait_seconds_count{placement=\"shared\"} 2"));
    EXPECT_THAT(text, HasSubstr("fairlead_dal_pool_connections{backend=\"db\",state=\"idle\"} 1"));
    EXPECT_THAT(text, HasSubstr("fairlead_dal_pool_connects_total{backend=\"db\"} 1"));
    EXPECT_THAT(text, HasSubstr("fairlead_dal_placement_up{placement=\"silo\",backend=\"db\"} 1"));
    EXPECT_THAT(text, HasSubstr("fairlead_dal_config_generation 1"));
}

}  // namespace
}  // namespace fairlead::test

#pragma once

#include "proxy/metrics/worker_snapshot.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::metrics {

/// Picks the tenants that get series of their own, since a series for each of a hundred thousand tenants
/// would cost more than the proxy. Ranked by links since the last scrapes: each scrape halves what came
/// before it, so that one quiet interval, or a second scraper, does not throw a busy tenant out. Not
/// thread-safe.
class busiest_tenants {
public:
    explicit busiest_tenants(std::size_t how_many) : how_many_(how_many) {}

    /// `tenants`: one entry a tenant, merged over workers. Busiest first. O(tenants held by the workers).
    std::vector<tenant_sample> pick(std::vector<tenant_sample> tenants);

private:
    struct history {
        std::uint64_t links = 0;
        double score = 0;
    };
    std::unordered_map<std::string, history> histories_;  // only of tenants in the last call: bounded by them
    std::size_t how_many_;
};

}  // namespace fairlead::proxy::metrics

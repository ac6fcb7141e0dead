#include "proxy/metrics/busiest_tenants.h"

#include <algorithm>
#include <utility>

namespace fairlead::proxy::metrics {
namespace {

// A worker that aged the tenant out and met it again counts from zero; what it counts now is then what is
// new.
double links_since(std::uint64_t now, std::uint64_t before) {
    return static_cast<double>(now >= before ? now - before : now);
}

}  // namespace

std::vector<tenant_sample> busiest_tenants::pick(std::vector<tenant_sample> tenants) {
    std::unordered_map<std::string, history> next;
    next.reserve(tenants.size());
    std::vector<std::pair<double, std::size_t>> ranking;
    ranking.reserve(tenants.size());
    for (std::size_t i = 0; i < tenants.size(); ++i) {
        const tenant_sample& tenant = tenants[i];
        auto before = histories_.find(tenant.tenant);
        history now{.links = tenant.links, .score = static_cast<double>(tenant.links)};
        if (before != histories_.end()) {
            now.score = before->second.score / 2 + links_since(tenant.links, before->second.links);
        }
        next.emplace(tenant.tenant, now);
        ranking.emplace_back(now.score, i);
    }
    histories_ = std::move(next);

    auto busier = [&](const auto& left, const auto& right) {
        if (left.first != right.first) return left.first > right.first;
        return tenants[left.second].tenant < tenants[right.second].tenant;
    };
    const std::size_t kept = std::min(how_many_, ranking.size());
    std::partial_sort(ranking.begin(), ranking.begin() + static_cast<std::ptrdiff_t>(kept), ranking.end(),
                      busier);
    std::vector<tenant_sample> picked;
    picked.reserve(kept);
    for (std::size_t i = 0; i < kept; ++i) picked.push_back(std::move(tenants[ranking[i].second]));
    return picked;
}

}  // namespace fairlead::proxy::metrics

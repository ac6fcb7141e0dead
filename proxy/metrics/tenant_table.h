#pragma once

#include "proxy/metrics/counter.h"
#include "proxy/metrics/worker_snapshot.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::metrics {

/// What one worker counts of one tenant.
struct tenant_metrics {
    explicit tenant_metrics(std::string_view id) : tenant(id) {}

    const std::string tenant;
    counter links;
    counter transaction_nanoseconds;
    counter client_bytes;  // both directions
    counter refusals;
    gauge waiting;

private:
    friend class tenant_table;
    std::uint32_t users_ = 0;                    // sessions that hold a pointer
    std::list<tenant_metrics>::iterator place_;  // own place, so that leaving needs no look-up
};

/// The tenants that are or lately were active on one worker. Tenants with sessions are always held (their
/// number is bounded by the client connections); of the others the last `max_idle` are kept, so that a
/// hundred thousand known tenants cost nothing and a tenant that reconnects for each request keeps its
/// counts. Worker's thread only.
class tenant_table {
public:
    explicit tenant_table(std::size_t max_idle) : max_idle_(max_idle) {}
    tenant_table(const tenant_table&) = delete;
    tenant_table& operator=(const tenant_table&) = delete;

    /// Call when a session first asks for a link or is refused something; the session keeps the reference
    /// until leave(). O(1).
    tenant_metrics& enter(std::string_view tenant);
    /// The session is over and must forget the reference. May drop the tenant that has been idle longest.
    /// O(1).
    void leave(tenant_metrics& tenant);

    std::size_t size() const { return active_.size() + idle_.size(); }
    std::vector<tenant_sample> sample() const;

private:
    std::list<tenant_metrics> active_;
    std::list<tenant_metrics> idle_;                                 // longest idle first
    std::unordered_map<std::string_view, tenant_metrics*> by_name_;  // keys point into the entries
    std::size_t max_idle_;
};

}  // namespace fairlead::proxy::metrics

#include "proxy/metrics/tenant_table.h"

namespace fairlead::proxy::metrics {

tenant_metrics& tenant_table::enter(std::string_view tenant) {
    auto found = by_name_.find(tenant);
    if (found == by_name_.end()) {
        tenant_metrics& made = active_.emplace_back(tenant);
        made.place_ = std::prev(active_.end());
        made.users_ = 1;
        by_name_.emplace(made.tenant, &made);
        return made;
    }
    tenant_metrics& known = *found->second;
    if (known.users_++ == 0) active_.splice(active_.end(), idle_, known.place_);
    return known;
}

void tenant_table::leave(tenant_metrics& tenant) {
    if (--tenant.users_ != 0) return;
    idle_.splice(idle_.end(), active_, tenant.place_);
    if (idle_.size() <= max_idle_) return;
    by_name_.erase(idle_.front().tenant);
    idle_.pop_front();
}

std::vector<tenant_sample> tenant_table::sample() const {
    std::vector<tenant_sample> copy;
    copy.reserve(size());
    for (const auto* tenants : {&active_, &idle_}) {
        for (const tenant_metrics& each : *tenants) {
            copy.push_back({.tenant = each.tenant,
                            .links = each.links.value(),
                            .transaction_nanoseconds = each.transaction_nanoseconds.value(),
                            .client_bytes = each.client_bytes.value(),
                            .refusals = each.refusals.value(),
                            .waiting = each.waiting.value()});
        }
    }
    return copy;
}

}  // namespace fairlead::proxy::metrics

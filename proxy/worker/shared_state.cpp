#include "proxy/worker/shared_state.h"

#include "proxy/worker/worker.h"

namespace fairlead::proxy::worker {

shared_state::shared_state(Logger& logger) : log(logger) {}
shared_state::~shared_state() = default;

bool tenant_gate::enter(std::string_view tenant, std::uint32_t limit) {
    std::lock_guard lock(mutex_);
    auto found = connections_.find(tenant);
    if (found == connections_.end()) {
        connections_.emplace(tenant, 1);
        return true;
    }
    if (limit != 0 && found->second >= limit) return false;
    ++found->second;
    return true;
}

void tenant_gate::leave(std::string_view tenant) {
    std::lock_guard lock(mutex_);
    auto found = connections_.find(tenant);
    if (found != connections_.end() && --found->second == 0) connections_.erase(found);
}

}  // namespace fairlead::proxy::worker

#include "dal/session/context_sealers.h"

#include "dal/session/thread_shard.h"

#include <utility>

namespace fairlead::dal {

context_sealers::context_sealers(std::shared_ptr<const policy::postgres::ContextKey> key)
    : key_(std::move(key)) {
    for (shard& each : shards_) each.sealer = std::make_unique<policy::postgres::ContextSealer>(*key_);
}

void context_sealers::seal(std::string& out, std::string_view tenant, std::int32_t backend_pid,
                           std::int64_t connection_tag, std::int64_t expiry_s) {
    shard& mine = shards_[thread_shard(shards_.size())];
    std::lock_guard lock(mine.mutex);
    mine.sealer->seal(out, tenant, backend_pid, connection_tag, expiry_s);
}

}  // namespace fairlead::dal

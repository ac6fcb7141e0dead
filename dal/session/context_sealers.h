#pragma once

#include "policy/postgres/sealed_context.h"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace fairlead::dal {

/// Signs the contexts of one sealed placement for all threads. ContextSealer is for one thread at a time, so
/// there are a few, and a thread keeps to its own. Thread-safe.
class context_sealers {
public:
    explicit context_sealers(std::shared_ptr<const policy::postgres::ContextKey> key);

    /// The key that signs, to tell whether it has changed.
    const policy::postgres::ContextKey* key() const { return key_.get(); }
    /// See policy::postgres::ContextSealer::seal().
    void seal(std::string& out, std::string_view tenant, std::int32_t backend_pid,
              std::int64_t connection_tag, std::int64_t expiry_s);

private:
    struct alignas(64) shard {
        std::mutex mutex;
        std::unique_ptr<policy::postgres::ContextSealer> sealer;
    };
    std::shared_ptr<const policy::postgres::ContextKey> key_;
    std::array<shard, 4> shards_;
};

}  // namespace fairlead::dal

#pragma once

#include "dal/estate/verification.h"
#include "proxy/worker/placement_verifier.h"

#include <map>
#include <string>
#include <vector>

namespace fairlead::proxy::worker {

class postgres_verifier final : public placement_verifier {
public:
    explicit postgres_verifier(std::string config_file) : config_file_(std::move(config_file)) {}

    bool needs_database(const config::Snapshot& snapshot, const config::Placement& placement) const override;
    verified_placement verify(const config::Snapshot& snapshot, const config::Placement& placement,
                              const worker_config::placement* known) override;

private:
    using context_keys = std::vector<policy::postgres::ContextKey>;
    Result<context_keys> keys_of(const config::Backend& backend, const config::Placement& placement);

    std::string config_file_;
    std::map<std::string, context_keys> keys_;  // derivation is slow on purpose
};

}  // namespace fairlead::proxy::worker

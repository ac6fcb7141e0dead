#pragma once

#include "dal/estate/placement_verifier.h"
#include "policy/postgres/sealed_context.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::dal::postgres {

class placement_verifier final : public dal::placement_verifier {
public:
    explicit placement_verifier(std::string config_file) : config_file_(std::move(config_file)) {}

    bool needs_database(const config::Placement& placement) const override {
        return placement.model == config::Model::pool;
    }
    verified_placement verify(const config::Snapshot& snapshot, const config::Placement& placement,
                              bool serving) override;
    void end_run() override { silent_.clear(); }

private:
    using context_keys = std::vector<policy::postgres::ContextKey>;
    Result<context_keys> keys_of(const config::Backend& backend, const config::Placement& placement);

    std::string config_file_;
    std::map<std::string, context_keys> keys_;  // derivation is slow on purpose
    /// Backends that used up the time-out in this run, and what that was told as: not waited for again, or a
    /// server that hangs would cost its time-out for each of its placements.
    std::map<std::string, std::string> silent_;
};

}  // namespace fairlead::dal::postgres

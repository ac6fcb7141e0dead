#pragma once

#include "dal/library/data_source_impl.h"
#include "dal/session/operation.h"
#include "dal/session/tenant_home.h"
#include "fairlead/options.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace fairlead::detail {

/// What the copies of one tenant's handle share. Thread-safe.
class tenant_impl {
public:
    tenant_impl(std::shared_ptr<data_source_impl> source, std::string_view id, std::string_view database,
                CallOptions options)
        : source_(std::move(source)), id_(id), database_(database), options_(std::move(options)) {}

    const std::string& id() const { return id_; }
    const CallOptions& options() const { return options_; }
    dal::call_services& services() const { return source_->services(); }

    /// Where the tenant lives now; null: `failed` says why it cannot be served. Found once a version.
    std::shared_ptr<const dal::tenant_home> home(Diagnostics& failed) const;
    std::shared_ptr<const tenant_impl> with(CallOptions options) const;
    /// Runs one call to its end on this thread; `failed`, which must be clear, says how it ended.
    void run(dal::Operation& call, Diagnostics& failed) const;

private:
    const std::shared_ptr<data_source_impl> source_;
    const std::string id_;
    const std::string database_;
    const CallOptions options_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const dal::tenant_home> home_;  // under mutex_
};

}  // namespace fairlead::detail

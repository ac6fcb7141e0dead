#pragma once

#include "common/log.h"
#include "config/snapshot.h"
#include "dal/estate/placement_check.h"
#include "dal/session/backend_set.h"
#include "dal/session/call_services.h"
#include "dal/session/tenant_home.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fairlead::dal {

/// What stands behind a data source and changes with its configuration: the backends with their connections,
/// and the version of everything else that calls go by. Thread-safe.
class estate {
public:
    /// `services`: whose guard is told what it may forget; outlives this.
    estate(config::SnapshotPtr snapshot, const std::string& config_file, const std::string& application_name,
           call_services& services);
    /// Nothing is lent any more, who waits is told, connections are closed.
    ~estate();
    estate(const estate&) = delete;
    estate& operator=(const estate&) = delete;

    /// Grows with each new version; cheap.
    std::uint64_t number() const { return number_.load(std::memory_order_acquire); }
    std::shared_ptr<const estate_version> version() const;

    /// Verifies the placements of a new configuration, and goes by it from then on. Takes up to seconds for
    /// each placement whose database hangs.
    void take_over(config::SnapshotPtr snapshot);
    /// Verifies those of the present one again: catalogues change, databases come back.
    void check_again();

    /// By name.
    std::vector<PoolState> pools() const { return backends_.states(); }
    Logger& log() { return log_; }

private:
    void publish(config::SnapshotPtr snapshot, std::vector<served_placement> served);
    estate_placement scoped(served_placement now, const estate_version* before) const;

    Logger log_;
    call_services& services_;
    backend_set backends_;

    std::mutex changing_;    // held while a version is made; guards the check
    placement_check check_;  // of which one may run at a time

    std::atomic<std::uint64_t> number_{0};
    mutable std::mutex mutex_;  // guards what follows, never held across I/O
    std::shared_ptr<const estate_version> version_;
};

}  // namespace fairlead::dal

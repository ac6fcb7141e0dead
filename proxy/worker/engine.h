#pragma once

#include "common/log.h"
#include "config/diff.h"
#include "config/snapshot.h"
#include "dal/estate/backend_prober.h"
#include "proxy/admin/readiness.h"
#include "proxy/metrics/metrics_source.h"
#include "proxy/worker/listener.h"
#include "proxy/worker/placement_check.h"
#include "proxy/worker/worker.h"

#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::proxy::worker {

/// A running proxy: workers, listeners, backends, and the thread that watches the databases. Owns everything,
/// so a process can hold two. start(), reload(), drain() and stop() belong to the thread that runs `control`.
class engine final : public metrics::metrics_source {
public:
    engine(boost::asio::io_context& control, Logger& log, const std::string& config_file);
    ~engine() override;

    /// Verifies the placements, starts the workers, opens the listeners. Errors: an address that cannot be
    /// opened, certificates that cannot be read. A placement that is refused is no error: the others are
    /// served.
    Status start(config::SnapshotPtr snapshot);
    /// Takes a new snapshot over; on an error everything stays as it was.
    Status reload(config::SnapshotPtr snapshot);
    /// No new clients; those between transactions are told to go, the others when they get there.
    void drain();
    bool drained() const { return shared_.client_count.load() == 0; }
    void stop();

    admin::readiness readiness() const;

    metrics::metrics_snapshot take_snapshot() override;

private:
    Status update_backends(const config::Snapshot& snapshot);
    Status open_listeners(const config::Settings& settings);
    Status open_listeners(const config::Settings& settings, config::Engine kind,
                          const config::Listen& wanted);
    void publish();
    void keep_warm();
    worker_config current_config() const;

    // The watcher thread: catalogues, verification and probes, never on the query path.
    void watch();
    /// `reloaded`: the workers hear of it even if the placements are as they were.
    void check_placements(bool reloaded);
    void probe_backends(dal::TimePoint now);

    boost::asio::io_context& control_;
    Logger& log_;
    shared_state shared_;
    std::shared_ptr<const auth::credential_store> credentials_;
    std::vector<std::unique_ptr<listener>> listeners_;
    std::atomic<bool> listening_{false};

    mutable std::mutex mutex_;  // guards what the watcher and the scrape share with the control thread
    config::SnapshotPtr snapshot_;
    std::map<std::string, std::shared_ptr<backend_runtime>> backends_;
    std::vector<worker_config::placement> placements_;
    struct probe_state {
        std::unique_ptr<dal::BackendProber> prober;
        std::uint64_t generation = 0;
        dal::TimePoint next{};
        dal::TimePoint succeeded{};
        dal::BackendProbe last;
        bool has_result = false;
    };
    std::map<std::string, probe_state> probes_;

    placement_check check_;  // watcher thread, and the control thread while the watcher stands still
    std::mutex check_mutex_;
    std::thread watcher_;
    std::condition_variable wake_watcher_;
    bool stopping_ = false;
    unsigned next_backend_index_ = 0;
};

}  // namespace fairlead::proxy::worker

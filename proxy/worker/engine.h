#pragma once

#include "common/log.h"
#include "config/diff.h"
#include "config/snapshot.h"
#include "dal/estate/backend_prober.h"
#include "dal/estate/placement_check.h"
#include "proxy/admin/readiness.h"
#include "proxy/metrics/metrics_source.h"
#include "proxy/worker/listener.h"
#include "proxy/worker/placement_scopes.h"
#include "proxy/worker/worker.h"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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
    /// Accepts a new snapshot; on an error everything stays as it was. It takes effect, all of it together,
    /// when the watcher has checked its placements and each worker has taken it over: then `reloaded` is
    /// logged, and the generation that take_snapshot() tells grows. One that comes before that takes the
    /// place of this one.
    Status reload(config::SnapshotPtr snapshot);
    /// No new clients; those between transactions are told to go, the others when they get there.
    void drain();
    bool drained() const { return shared_.client_count.load() == 0; }
    void stop();

    admin::readiness readiness() const;

    metrics::metrics_snapshot take_snapshot() override;

private:
    using tls_contexts = std::map<std::string, std::shared_ptr<const net::tls_context>>;  // by backend
    /// A configuration that was accepted and waits for its placements to be checked.
    struct next_config {
        config::SnapshotPtr snapshot;
        std::shared_ptr<const auth::credential_store> credentials;
        tls_contexts contexts;
    };

    static Result<tls_contexts> tls_contexts_of(const config::Snapshot& snapshot);
    void update_backends(const config::Snapshot& snapshot, tls_contexts& contexts);
    Status open_listeners(const config::Settings& settings);
    Status open_listeners(const config::Settings& settings, config::Engine kind,
                          const config::Listen& wanted);
    void publish();
    void keep_warm();
    worker_config current_config() const;

    // The watcher thread: reloads, catalogues, verification and probes, never on the query path.
    void watch();
    void take_over(next_config next);
    void renew_pools(const config::SnapshotDiff& diff);
    void announce();
    void check_placements();
    std::chrono::milliseconds check_interval() const;
    void make_rsa_key();
    void probe_backends(dal::TimePoint now);

    boost::asio::io_context& control_;
    Logger& log_;
    shared_state shared_;
    std::vector<std::unique_ptr<listener>> listeners_;
    std::atomic<bool> listening_{false};

    // Once it runs, only the watcher writes what follows, and next_ is what the control thread hands it.
    mutable std::mutex mutex_;  // guards it against the scrape and the control thread
    std::optional<next_config> next_;
    config::SnapshotPtr snapshot_;
    std::shared_ptr<const auth::credential_store> credentials_;
    std::map<std::string, std::shared_ptr<backend_runtime>> backends_;
    std::vector<scoped_placement> placements_;
    struct probe_state {
        std::unique_ptr<dal::BackendProber> prober;
        std::uint64_t generation = 0;
        dal::TimePoint next{};
        dal::TimePoint succeeded{};
        dal::BackendProbe last;
        bool has_result = false;
    };
    std::map<std::string, probe_state> probes_;

    std::atomic<std::uint64_t> generation_{0};  // of the snapshot that is in effect as a whole
    dal::placement_check check_;                // watcher thread, and start() before there is one
    std::thread watcher_;
    std::condition_variable wake_watcher_;
    bool stopping_ = false;
    unsigned next_backend_index_ = 0;
};

}  // namespace fairlead::proxy::worker

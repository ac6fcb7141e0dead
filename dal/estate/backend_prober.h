#pragma once

#include "config/settings.h"
#include "dal/estate/backend_probe.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace fairlead::dal {

/// Measures one backend from time to time and remembers between the times. Each run opens one connection
/// after the other, none in parallel, each with a timeout, and leaves none open. Blocking: run it on a thread
/// of its own, never on the query path. Not thread-safe.
class BackendProber {
public:
    BackendProber() = default;
    BackendProber(const BackendProber&) = delete;
    BackendProber& operator=(const BackendProber&) = delete;
    virtual ~BackendProber() = default;

    /// Server-wide figures, and the tables of at most `max_databases` databases, going on with the next ones
    /// in the next run: with ten thousand tenant databases a run stays short.
    virtual BackendProbe run(std::size_t max_databases) = 0;
};

/// The prober of the backend's engine. `placements`: those of this backend, copied.
std::unique_ptr<BackendProber> make_backend_prober(config::Backend backend,
                                                   std::vector<config::Placement> placements);

}  // namespace fairlead::dal

#pragma once

#include "config/settings.h"
#include "dal/estate/backend_probe.h"
#include "dal/estate/hit_ratio.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::dal {

/// Measures one backend from time to time and remembers between the times. Each run opens one connection
/// after the other, none in parallel, each with a timeout, and leaves none open. Blocking: run it on a thread
/// of its own, never on the query path. Not thread-safe.
class BackendProber {
public:
    BackendProber(config::Backend backend, std::vector<config::Placement> placements, std::string product);
    BackendProber(const BackendProber&) = delete;
    BackendProber& operator=(const BackendProber&) = delete;
    virtual ~BackendProber() = default;

    /// Server-wide figures, and the tables of at most `max_databases` databases, going on with the next ones
    /// in the next run: with ten thousand tenant databases a run stays short.
    BackendProbe run(std::size_t max_databases);

protected:
    struct Known {  // one database
        HitRatio hit_ratio;
        DatabaseProbe probe;
    };

    /// Fills `last_` and the databases' probes; the error that ended it, or nothing.
    virtual std::string ask(std::size_t max_databases) = 0;

    /// What is known of a database, moved out of the last run's; for the first time: nothing but its name.
    Known recall(const std::string& database);
    /// Calls `count(probe)` for the next databases in turn, until it returns false.
    template <typename Count>
    void count_in_turn(std::size_t max_databases, Count count);

    config::Backend backend_;
    std::vector<config::Placement> placements_;
    HitRatio hit_ratio_;  // of the server
    BackendProbe last_;
    std::map<std::string, Known> known_;

private:
    std::string next_;  // the database to go on with
};

/// Of a row's field; 0 for NULL and for what is no number.
std::uint64_t to_number(const std::optional<std::string>& field);

template <typename Count>
void BackendProber::count_in_turn(std::size_t max_databases, Count count) {
    auto at = known_.lower_bound(next_);
    for (std::size_t done = 0; done < std::min(max_databases, known_.size()); ++done) {
        if (at == known_.end()) at = known_.begin();
        if (!count(at->second.probe)) return;
        ++at;
    }
    next_ = at == known_.end() ? std::string() : at->first;
}

/// The prober of the backend's engine. `placements`: those of this backend, copied.
std::unique_ptr<BackendProber> make_backend_prober(config::Backend backend,
                                                   std::vector<config::Placement> placements);

}  // namespace fairlead::dal

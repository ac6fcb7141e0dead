#include "dal/estate/backend_prober.h"

#include "dal/estate/mysql/backend_prober.h"
#include "dal/estate/placement_match.h"
#include "dal/estate/postgres/backend_prober.h"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace fairlead::dal {

BackendProber::BackendProber(config::Backend backend, std::vector<config::Placement> placements,
                             std::string product)
    : backend_(std::move(backend)), placements_(std::move(placements)) {
    last_.backend = backend_.name;
    last_.product = std::move(product);
}

BackendProbe BackendProber::run(std::size_t max_databases) {
    const auto start = std::chrono::steady_clock::now();
    last_.error = ask(max_databases);
    last_.databases.clear();
    for (const auto& [name, known] : known_) {
        DatabaseProbe& probe = last_.databases.emplace_back(known.probe);
        probe.hit_ratio_total = known.hit_ratio.total();
        probe.hit_ratio_interval = known.hit_ratio.interval();
    }
    last_.placed = placed_tables(last_.databases, placements_);
    last_.hit_ratio_total = hit_ratio_.total();
    last_.hit_ratio_interval = hit_ratio_.interval();
    last_.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    return last_;
}

BackendProber::Known BackendProber::recall(const std::string& database) {
    const auto before = known_.find(database);
    Known known = before != known_.end() ? std::move(before->second) : Known{};
    known.probe.database = database;
    return known;
}

std::uint64_t to_number(const std::optional<std::string>& field) {
    return field ? std::strtoull(field->c_str(), nullptr, 10) : 0;
}

std::unique_ptr<BackendProber> make_backend_prober(config::Backend backend,
                                                   std::vector<config::Placement> placements) {
    if (backend.engine == config::Engine::mysql) {
        return std::make_unique<mysql::BackendProber>(std::move(backend), std::move(placements));
    }
    return std::make_unique<postgres::BackendProber>(std::move(backend), std::move(placements));
}

}  // namespace fairlead::dal

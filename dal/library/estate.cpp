#include "dal/library/estate.h"

#include <algorithm>
#include <utility>

namespace fairlead::dal {

estate::estate(config::SnapshotPtr snapshot, const std::string& config_file,
               const std::string& application_name, call_services& services)
    : log_(snapshot->settings().log.format, snapshot->settings().log.level),
      services_(services),
      backends_(make_server_session, application_name),
      check_(log_, config_file) {
    take_over(std::move(snapshot));
}

estate::~estate() {
    backends_.close();
}

std::shared_ptr<const estate_version> estate::version() const {
    std::lock_guard lock(mutex_);
    return version_;
}

void estate::take_over(config::SnapshotPtr snapshot) {
    std::lock_guard changing(changing_);
    std::vector<served_placement> served = check_.run(*snapshot);
    backends_.apply(snapshot);
    publish(std::move(snapshot), std::move(served));
}

void estate::check_again() {
    std::lock_guard changing(changing_);
    const std::shared_ptr<const estate_version> now = version();
    std::vector<served_placement> served = check_.run(*now->snapshot);
    const bool same = std::all_of(served.begin(), served.end(), [&](const served_placement& each) {
        const auto known = now->placements.find(each.name);
        return known != now->placements.end() && serve_alike(known->second.served, each);
    });
    if (!same) publish(now->snapshot, std::move(served));
}

estate_placement estate::scoped(served_placement now, const estate_version* before) const {
    estate_placement made;
    const estate_placement* known = nullptr;
    if (before != nullptr) {
        const auto at = before->placements.find(now.name);
        if (at != before->placements.end()) known = &at->second;
    }
    made.counters = known != nullptr ? known->counters : std::make_shared<placement_counters>();
    if (now.postgres.key != nullptr) {
        const bool same =
            known != nullptr && known->sealers != nullptr && known->sealers->key() == now.postgres.key.get();
        made.sealers = same ? known->sealers : std::make_shared<context_sealers>(now.postgres.key);
    }
    made.served = std::move(now);
    return made;
}

void estate::publish(config::SnapshotPtr snapshot, std::vector<served_placement> served) {
    const std::shared_ptr<const estate_version> before = version();
    auto next = std::make_shared<estate_version>();
    next->number = before == nullptr ? 1 : before->number + 1;
    next->snapshot = std::move(snapshot);
    for (served_placement& each : served) {
        std::string name = each.name;
        next->placements.emplace(std::move(name), scoped(std::move(each), before.get()));
    }
    next->backends = backends_.backends();
    {
        std::lock_guard lock(mutex_);
        version_ = next;
        number_.store(next->number, std::memory_order_release);
    }
    services_.guard.retain(*next);
}

}  // namespace fairlead::dal

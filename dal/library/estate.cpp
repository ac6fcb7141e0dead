#include "dal/library/estate.h"

#include "config/diff.h"
#include "dal/routing/pool_database.h"

#include <algorithm>
#include <random>
#include <utility>

namespace fairlead::dal {
namespace {

LogLevel level_of(config::LogLevelSetting level) {
    switch (level) {
        case config::LogLevelSetting::debug:
            return LogLevel::debug;
        case config::LogLevelSetting::info:
            return LogLevel::info;
        case config::LogLevelSetting::warning:
            return LogLevel::warning;
        case config::LogLevelSetting::error:
            break;
    }
    return LogLevel::error;
}

LogFormat format_of(config::LogFormatSetting format) {
    return format == config::LogFormatSetting::json ? LogFormat::json : LogFormat::text;
}

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

estate::estate(config::SnapshotPtr snapshot, const std::string& config_file,
               const std::string& application_name, call_services& services)
    : log_(format_of(snapshot->settings().log.format), level_of(snapshot->settings().log.level)),
      services_(services),
      keeper_([](config::Engine engine,
                 std::uint32_t max_prepared) { return make_server_session(engine, max_prepared); },
              application_name, bell_),
      check_(log_, config_file) {
    take_over(std::move(snapshot));
}

estate::~estate() {
    for (const auto& [name, backend] : backends_) backend->begin_close();
    keeper_.stop();
    for (const auto& [name, backend] : backends_) backend->finish_close();
}

std::shared_ptr<const estate_version> estate::version() const {
    std::lock_guard lock(mutex_);
    return version_;
}

void estate::take_over(config::SnapshotPtr snapshot) {
    std::lock_guard changing(changing_);
    std::vector<served_placement> served = check_.run(*snapshot);
    update_backends(*snapshot);
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

void estate::update_backends(const config::Snapshot& snapshot) {
    std::vector<std::string> reconnect;
    const std::shared_ptr<const estate_version> before = version();
    if (before != nullptr) {
        // The difference wants to own both; it is gone before either can be.
        const config::SnapshotPtr after(std::shared_ptr<void>(), &snapshot);
        reconnect = config::SnapshotDiff(before->snapshot, after).backends().reconnect;
    }
    std::lock_guard lock(mutex_);
    for (const config::Backend& backend : snapshot.settings().backends) {
        auto settings = std::make_shared<const config::Backend>(backend);
        std::shared_ptr<BackendRuntime>& known = backends_[backend.name];
        if (known == nullptr) {
            known = std::make_shared<BackendRuntime>(std::move(settings), bell_, random_seed());
            keeper_.add(known);
        } else {
            known->update(std::move(settings), contains(reconnect, backend.name));
        }
        if (const auto database = warm_database(snapshot.settings(), backend)) known->keep_warm(*database);
    }
    std::erase_if(backends_, [&](const auto& entry) {
        if (snapshot.backend(entry.first) != nullptr) return false;
        entry.second->retire();
        return true;
    });
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
    {
        std::lock_guard lock(mutex_);
        next->backends = backends_;
        version_ = next;
        number_.store(next->number, std::memory_order_release);
    }
    services_.guard.retain(*next);
}

std::vector<PoolState> estate::pools() const {
    std::vector<PoolState> states;
    std::lock_guard lock(mutex_);
    for (const auto& [name, backend] : backends_) states.push_back(backend->state());
    return states;
}

}  // namespace fairlead::dal

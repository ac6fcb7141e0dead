#include "dal/session/backend_set.h"

#include "config/diff.h"
#include "dal/routing/pool_database.h"

#include <algorithm>
#include <random>
#include <utility>

namespace fairlead::dal {
namespace {

std::uint64_t random_seed() {
    std::random_device source;
    return std::uint64_t{source()} << 32 | source();
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

backend_set::backend_set(session_factory make_session, std::string application_name)
    : bell_(std::make_shared<wake_signal>()),
      keeper_(std::make_unique<keeper>(std::move(make_session), std::move(application_name), bell_)) {}

backend_set::~backend_set() {
    close();
}

void backend_set::apply(const config::SnapshotPtr& snapshot) {
    std::lock_guard lock(mutex_);
    if (keeper_ == nullptr) return;
    std::vector<std::string> reconnect;
    if (snapshot_ != nullptr) reconnect = config::SnapshotDiff(snapshot_, snapshot).backends().reconnect;
    for (const config::Backend& backend : snapshot->settings().backends)
        renew(*snapshot, backend, has(reconnect, backend.name));
    for (auto known = backends_.begin(); known != backends_.end();) {
        if (snapshot->backend(known->first) != nullptr) {
            ++known;
            continue;
        }
        known->second->retire();
        retired_.push_back(known->second);
        known = backends_.erase(known);
    }
    std::erase_if(retired_, [](const auto& old) { return old.expired(); });
    snapshot_ = snapshot;
}

void backend_set::renew(const config::Snapshot& snapshot, const config::Backend& backend, bool reconnect) {
    auto settings = std::make_shared<const config::Backend>(backend);
    auto& known = backends_[backend.name];
    if (known != nullptr) {
        known->update(std::move(settings), reconnect);
    } else {
        known = std::make_shared<BackendRuntime>(std::move(settings), bell_, random_seed());
        keeper_->add(known);
    }
    if (const auto warm = warm_database(snapshot.settings(), backend)) known->keep_warm(*warm);
}

std::shared_ptr<BackendRuntime> backend_set::find(std::string_view name) const {
    std::lock_guard lock(mutex_);
    const auto found = backends_.find(name);
    return found != backends_.end() ? found->second : nullptr;
}

backend_set::by_name backend_set::backends() const {
    std::lock_guard lock(mutex_);
    return backends_;
}

std::vector<PoolState> backend_set::states() const {
    std::lock_guard lock(mutex_);
    std::vector<PoolState> states;
    for (const auto& [name, backend] : backends_) states.push_back(backend->state());
    return states;
}

void backend_set::close() {
    std::vector<std::shared_ptr<BackendRuntime>> all;
    std::unique_ptr<keeper> ending;
    {
        std::lock_guard lock(mutex_);
        ending = std::move(keeper_);
        for (const auto& [name, backend] : backends_) all.push_back(backend);
        for (const auto& old : retired_)
            if (auto backend = old.lock()) all.push_back(std::move(backend));
        retired_.clear();
    }
    if (ending == nullptr) return;
    for (const auto& backend : all) backend->begin_close();
    ending.reset();
    for (const auto& backend : all) backend->finish_close();
}

}  // namespace fairlead::dal

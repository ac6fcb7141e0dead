#include "dal/pool/idle_index.h"

#include <algorithm>

namespace fairlead::dal {

namespace {
// How many connections of one tenant are looked at for one on the same worker: moving a connection between
// workers is cheaper than losing the tenant's warm state, and a bound keeps the search O(1).
constexpr int same_worker_search = 4;
}  // namespace

void idle_index::add(std::uint32_t connection, std::uint32_t tenant, std::uint32_t database,
                     std::uint32_t worker, TimePoint now) {
    grow_to(entries_, connection);
    grow_to(database_links_, connection);
    grow_to(worker_links_, connection);
    grow_to(age_links_, connection);
    grow_to(databases_, database);
    grow_to(count_links_, database);
    entries_[connection] = {tenant, database, worker, now};
    if (tenant != no_index) by_tenant_.push_front(keyed_lists::key(tenant, database), connection);
    of_worker(database, worker).push_front(worker_links_, connection);
    databases_[database].connections.push_front(database_links_, connection);
    by_age_.push_front(age_links_, connection);
    ++count_;
    change_count(database, +1);
}

void idle_index::remove(std::uint32_t connection) {
    const entry& gone = entries_[connection];
    if (gone.tenant != no_index) by_tenant_.remove(keyed_lists::key(gone.tenant, gone.database), connection);
    of_worker(gone.database, gone.worker).remove(worker_links_, connection);
    databases_[gone.database].connections.remove(database_links_, connection);
    by_age_.remove(age_links_, connection);
    --count_;
    change_count(gone.database, -1);
}

std::uint32_t idle_index::pick(std::uint32_t tenant, std::uint32_t database, std::uint32_t worker) const {
    if (database >= databases_.size()) return no_index;
    const database_entry& wanted = databases_[database];
    if (wanted.count == 0) return no_index;
    const std::uint32_t same_tenant = by_tenant_.first(keyed_lists::key(tenant, database));
    std::uint32_t at = same_tenant;
    for (int looked = 0; at != no_index && looked < same_worker_search; ++looked, at = by_tenant_.next(at)) {
        if (entries_[at].worker == worker) return at;
    }
    if (same_tenant != no_index) return same_tenant;
    const bool on_worker = worker < wanted.by_worker.size() && !wanted.by_worker[worker].empty();
    return on_worker ? wanted.by_worker[worker].first : wanted.connections.first;
}

std::uint32_t idle_index::surplus() const {
    if (highest_ == 0) return no_index;
    return databases_[by_count_[highest_].first].connections.last;
}

void idle_index::touch(std::uint32_t connection, TimePoint now) {
    by_age_.remove(age_links_, connection);
    by_age_.push_front(age_links_, connection);
    entries_[connection].since = now;
}

void idle_index::set_worker(std::uint32_t connection, std::uint32_t worker) {
    entry& changed = entries_[connection];
    of_worker(changed.database, changed.worker).remove(worker_links_, connection);
    changed.worker = worker;
    of_worker(changed.database, worker).push_front(worker_links_, connection);
}

index_list& idle_index::of_worker(std::uint32_t database, std::uint32_t worker) {
    std::vector<index_list>& workers = databases_[database].by_worker;
    grow_to(workers, worker);
    return workers[worker];
}

/// Counts change by one only, so the highest count is always found one step away.
void idle_index::change_count(std::uint32_t database, int by) {
    database_entry& changed = databases_[database];
    if (changed.count != 0) by_count_[changed.count].remove(count_links_, database);
    changed.count = static_cast<std::uint32_t>(static_cast<int>(changed.count) + by);
    grow_to(by_count_, changed.count);
    if (changed.count != 0) by_count_[changed.count].push_back(count_links_, database);
    highest_ = std::max(highest_, changed.count);
    if (highest_ != 0 && by_count_[highest_].empty()) --highest_;
}

}  // namespace fairlead::dal

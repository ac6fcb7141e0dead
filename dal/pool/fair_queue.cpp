#include "dal/pool/fair_queue.h"

#include <algorithm>
#include <cassert>

namespace fairlead::dal {

void fair_queue::reset_tenant(std::uint32_t tenant) {
    grow_to(tenants_, tenant);
    grow_to(turn_links_, tenant);
    grow_to(database_turn_links_, tenant);
    assert(tenants_[tenant].waiting == 0 && tenants_[tenant].lent == 0);
    tenants_[tenant] = {};
}

void fair_queue::reset_database(std::uint32_t database) {
    grow_to(databases_, database);
    assert(databases_[database].waiters.empty());
}

void fair_queue::set_limits(std::uint32_t tenant, TenantLimits limits) {
    tenant_queue& changed = tenants_[tenant];
    changed.weight = std::max(limits.weight, 1u);
    changed.cap = limits.max_server_connections;
    changed.credit = std::clamp(changed.credit, 1u, changed.weight);
    adjust(tenant);
}

std::uint32_t fair_queue::new_waiter() {
    if (free_.empty()) {
        waiters_.emplace_back();
        grow_to(tenant_links_, static_cast<std::uint32_t>(waiters_.size() - 1));
        grow_to(database_links_, static_cast<std::uint32_t>(waiters_.size() - 1));
        return static_cast<std::uint32_t>(waiters_.size() - 1);
    }
    const std::uint32_t at = free_.back();
    free_.pop_back();
    return at;
}

Ticket fair_queue::push(std::uint32_t tenant, std::uint32_t database, unsigned worker, std::uint64_t cookie,
                        TimePoint now) {
    const std::uint32_t at = new_waiter();
    waiter& added = waiters_[at];
    added = {cookie, tenant, database, worker, added.generation + 1, true, false, now};
    tenant_queue& queue = tenants_[tenant];
    queue.waiters.push_back(tenant_links_, at);
    ++queue.waiting;
    if (queue.first_barred == no_index) queue.first_barred = at;
    databases_[database].waiters.push_back(database_links_, at);
    deadlines_.add(at, now);
    ++size_;
    adjust(tenant);
    return ticket(at);
}

std::uint32_t fair_queue::find(Ticket ticket) const {
    const auto at = static_cast<std::uint32_t>(static_cast<std::uint64_t>(ticket));
    if (at >= waiters_.size() || !waiters_[at].waiting) return no_index;
    return waiters_[at].generation == static_cast<std::uint64_t>(ticket) >> 32 ? at : no_index;
}

void fair_queue::unlink(std::uint32_t at) {
    waiter& gone = waiters_[at];
    tenant_queue& queue = tenants_[gone.tenant];
    if (gone.eligible) {
        set_eligible(at, false);
    } else if (queue.first_barred == at) {
        queue.first_barred = tenant_links_[at].next;
    }
    queue.waiters.remove(tenant_links_, at);
    --queue.waiting;
    databases_[gone.database].waiters.remove(database_links_, at);
    deadlines_.remove(at);
    gone.waiting = false;
    free_.push_back(at);
    --size_;
}

void fair_queue::remove(std::uint32_t at) {
    const std::uint32_t tenant = waiters_[at].tenant;
    unlink(at);
    adjust(tenant);
}

void fair_queue::take(std::uint32_t tenant) {
    tenant_queue& served = tenants_[tenant];
    assert(served.ready_for != no_index);
    unlink(served.waiters.first);
    ++served.lent;
    served.skipped = 0;
    charge(served);
    adjust(tenant);
}

/// One grant of the turn is used; after the last one the next turn lies in the next round. A tenant that ran
/// ahead of all others by the whole window (nobody else could use what it got) is not charged further.
void fair_queue::charge(tenant_queue& served) {
    if (--served.credit != 0) return;
    served.credit = served.weight;
    const auto tenant = static_cast<std::uint32_t>(&served - tenants_.data());
    const std::uint32_t database = served.ready_for;
    part(tenant);
    served.round = std::min(served.round + 1, round_ + turn_order::window - 1);
    join(tenant, database);
}

void fair_queue::lend(std::uint32_t tenant) {
    assert(may_lend_at_once(tenant));  // nobody's turn changes
    ++tenants_[tenant].lent;
}

void fair_queue::give_back(std::uint32_t tenant) {
    tenant_queue& queue = tenants_[tenant];
    assert(queue.lent != 0);
    --queue.lent;
    if (queue.waiting != 0) adjust(tenant);
}

bool fair_queue::may_lend_at_once(std::uint32_t tenant) const {
    const tenant_queue& asked = tenants_[tenant];
    return asked.waiting == 0 && (asked.cap == 0 || asked.lent < asked.cap);
}

void fair_queue::set_eligible(std::uint32_t at, bool eligible) {
    waiter& changed = waiters_[at];
    changed.eligible = eligible;
    tenants_[changed.tenant].eligible += eligible ? 1u : ~0u;
    demands_.change(changed.database, &demand::counts::need, eligible ? 1 : -1);
}

/// As many waiters from the first on are eligible as the cap leaves room for. Each call moves the border by
/// as much as was just changed: one, except when the cap itself is changed.
void fair_queue::adjust(std::uint32_t tenant) {
    tenant_queue& queue = tenants_[tenant];
    const std::uint32_t room = queue.cap == 0 ? UINT32_MAX : queue.cap - std::min(queue.cap, queue.lent);
    const std::uint32_t wanted = std::min(queue.waiting, room);
    while (queue.eligible < wanted) {
        const std::uint32_t at = queue.first_barred;
        queue.first_barred = tenant_links_[at].next;
        set_eligible(at, true);
    }
    while (queue.eligible > wanted) {
        const std::uint32_t barred = queue.first_barred;
        queue.first_barred = barred == no_index ? queue.waiters.last : tenant_links_[barred].previous;
        set_eligible(queue.first_barred, false);
    }
    refresh_ready(tenant);
}

void fair_queue::refresh_ready(std::uint32_t tenant) {
    tenant_queue& queue = tenants_[tenant];
    const std::uint32_t wanted = queue.eligible == 0 ? no_index : waiters_[queue.waiters.first].database;
    if (wanted == queue.ready_for) return;
    if (queue.ready_for != no_index) part(tenant);
    queue.skipped = 0;
    if (wanted == no_index) return;
    if (queue.round < round_) {
        queue.round = round_;
        queue.credit = queue.weight;
    }
    join(tenant, wanted);
    changed_.push_back(tenant);
}

void fair_queue::join(std::uint32_t tenant, std::uint32_t database) {
    tenant_queue& queue = tenants_[tenant];
    queue.ready_for = database;
    turns_.push(turn_links_, tenant, queue.round);
    databases_[database].turns.push(database_turn_links_, tenant, queue.round);
}

void fair_queue::part(std::uint32_t tenant) {
    tenant_queue& queue = tenants_[tenant];
    turns_.remove(turn_links_, tenant, queue.round);
    databases_[queue.ready_for].turns.remove(database_turn_links_, tenant, queue.round);
    queue.ready_for = no_index;
}

std::uint32_t fair_queue::front() {
    if (turns_.size() == 0) return no_index;
    round_ = turns_.first_round(round_);
    return turns_.first(round_);
}

std::uint64_t fair_queue::lead(std::uint32_t tenant, std::uint32_t other) const {
    const std::uint64_t mine = tenants_[tenant].round, theirs = tenants_[other].round;
    return mine > theirs ? mine - theirs : 0;
}

std::uint32_t fair_queue::next_changed() {
    if (changed_.empty()) return no_index;
    const std::uint32_t tenant = changed_.back();
    changed_.pop_back();
    return tenant;
}

}  // namespace fairlead::dal

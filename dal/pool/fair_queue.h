#pragma once

#include "dal/pool/backend_pool.h"
#include "dal/pool/demand.h"
#include "dal/pool/turn_order.h"
#include "dal/pool/wait_deadlines.h"

#include <vector>

namespace fairlead::dal {

struct waiter {
    std::uint64_t cookie = 0;
    std::uint32_t tenant = no_index, database = no_index, worker = 0;
    std::uint32_t generation = 0;
    bool waiting = false;   // this place is in use
    bool eligible = false;  // counted in its database's need: the tenant's cap leaves room for it
    TimePoint since{};
};

/// Waiting requests and whose turn it is.
///
/// Strictly FIFO within a tenant, whatever database each request wants. Tenants take turns: `weight` grants
/// in a round, then the tenant goes to the end of the next. A tenant is *ready* while its first request may
/// be served, that is while it lends fewer connections than its cap; a capped one stands in no list and costs
/// nothing. Ready tenants stand in one order over all and in one for the database that their first request
/// wants, both by the same round.
class fair_queue {
public:
    explicit fair_queue(demand& demands) : demands_(demands) {}

    void reset_tenant(std::uint32_t tenant);
    void reset_database(std::uint32_t database);
    void set_limits(std::uint32_t tenant, TenantLimits limits);
    void set_timeout(Duration timeout) { deadlines_.set_timeout(timeout); }

    Ticket push(std::uint32_t tenant, std::uint32_t database, unsigned worker, std::uint64_t cookie,
                TimePoint now);
    /// Index of a waiting request; no_index when it waits no more.
    std::uint32_t find(Ticket ticket) const;
    Ticket ticket(std::uint32_t at) const {
        return Ticket{std::uint64_t{waiters_[at].generation} << 32 | at};
    }
    const waiter& operator[](std::uint32_t at) const { return waiters_[at]; }
    Duration timeout(std::uint32_t at) const { return deadlines_.timeout(at); }
    void remove(std::uint32_t at);

    /// First request of a ready tenant; take() also counts it as lent and as (part of) the tenant's turn.
    std::uint32_t head(std::uint32_t tenant) const { return tenants_[tenant].waiters.first; }
    void take(std::uint32_t tenant);
    /// A connection lent without waiting, and one that came back.
    void lend(std::uint32_t tenant);
    void give_back(std::uint32_t tenant);
    /// Nobody of this tenant waits and it is below its cap.
    bool may_lend_at_once(std::uint32_t tenant) const;

    /// The ready tenant whose turn it is, over all and among those that want this database; no_index: none.
    std::uint32_t front();
    std::uint32_t front(std::uint32_t database) const { return databases_[database].turns.first(round_); }
    /// Of the first `most` ready tenants that want this database, the first in turn for which `wanted` holds.
    template <typename Predicate>
    std::uint32_t find(std::uint32_t database, unsigned most, Predicate wanted) const {
        return databases_[database].turns.find(database_turn_links_, round_, most, wanted);
    }
    std::uint32_t ready_tenants(std::uint32_t database) const { return databases_[database].turns.size(); }
    bool ready(std::uint32_t tenant) const { return tenants_[tenant].ready_for != no_index; }
    /// Rounds by which `tenant` is ahead of `other`; how often a ready tenant was passed over since its last
    /// grant.
    std::uint64_t lead(std::uint32_t tenant, std::uint32_t other) const;
    std::uint32_t skipped(std::uint32_t tenant) const { return tenants_[tenant].skipped; }
    void skip(std::uint32_t tenant) { ++tenants_[tenant].skipped; }
    /// Next tenant that began to want a database since it was last asked, and may find an idle connection for
    /// it there. May name a tenant that is no longer ready. no_index: none left.
    std::uint32_t next_changed();

    std::uint32_t first_due(TimePoint now) const { return deadlines_.first_due(now); }
    std::uint32_t oldest() const { return deadlines_.oldest(); }
    std::uint32_t first_for(std::uint32_t database) const { return databases_[database].waiters.first; }

    std::uint32_t size() const { return size_; }
    std::uint32_t waiting(std::uint32_t tenant) const { return tenants_[tenant].waiting; }
    std::uint32_t lent(std::uint32_t tenant) const { return tenants_[tenant].lent; }
    std::uint32_t cap(std::uint32_t tenant) const { return tenants_[tenant].cap; }

private:
    struct tenant_queue {
        std::uint32_t weight = 1, cap = 0, lent = 0;
        index_list waiters;
        std::uint32_t waiting = 0;
        std::uint32_t eligible = 0;             // of `waiters`, from the first on
        std::uint32_t first_barred = no_index;  // the first that is not eligible
        std::uint32_t ready_for = no_index;     // database of the first waiter, while eligible
        std::uint64_t round = 0;
        std::uint32_t credit = 1;  // grants left in `round`
        std::uint32_t skipped = 0;
    };
    struct database_queue {
        turn_order turns;
        index_list waiters;
    };
    std::uint32_t new_waiter();
    void unlink(std::uint32_t at);
    void adjust(std::uint32_t tenant);
    void set_eligible(std::uint32_t at, bool eligible);
    void refresh_ready(std::uint32_t tenant);
    void join(std::uint32_t tenant, std::uint32_t database);
    void part(std::uint32_t tenant);
    void charge(tenant_queue& served);

    demand& demands_;
    std::vector<waiter> waiters_;
    std::vector<std::uint32_t> free_;
    std::vector<tenant_queue> tenants_;
    std::vector<database_queue> databases_;
    turn_order turns_;
    std::uint64_t round_ = 0;                      // no ready tenant is in an earlier one
    list_links tenant_links_, database_links_;     // of waiters: within the tenant, within the database
    list_links turn_links_, database_turn_links_;  // of tenants: in turns_, in the turns of a database
    std::vector<std::uint32_t> changed_;
    wait_deadlines deadlines_;
    std::uint32_t size_ = 0;
};

}  // namespace fairlead::dal

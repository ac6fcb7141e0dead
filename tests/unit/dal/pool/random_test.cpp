#include "dal/pool/random.h"

#include "tests/unit/dal/pool/pool_driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace fairlead::dal::test {
namespace {

/// Plays random calls against a pool and keeps its own simple account of who waits and who holds what; every
/// action of the pool is checked against it, and the sums after each step.
class player {
public:
    explicit player(std::uint64_t seed) : random_(seed), pool_(limits(6, 2), seed) {
        for (std::uint32_t t = 0; t < 12; ++t) {
            caps_.push_back(t % 3 == 0 ? 1 + t / 3 : 0);
            tenants_.push_back(pool_.tenant("t" + std::to_string(t), caps_[t], 1 + t % 4));
        }
        for (int d = 0; d < 5; ++d) databases_.push_back(pool_.database("d" + std::to_string(d)));
    }

    void step() {
        pool_.now += Duration(pick(8));
        const std::size_t what = pick(100);
        if (what < 38) {
            acquire();
        } else if (what < 66) {
            lent_.empty() ? pool_.tick() : release();
        } else if (what < 84) {
            answer_login();
        } else if (what < 88) {
            cancel();
        } else if (what < 92) {
            discard();
        } else if (what < 97) {
            pool_.tick();
        } else {
            reconfigure();
        }
        absorb();
        check();
        // cancel() and enter_tenant() cannot act; what they made possible happens with the next call that
        // can.
        if (what < 84 || (what >= 88 && what < 97)) check_nobody_waits_beside_an_idle_connection();
    }

    /// Everything comes back and every login succeeds: nobody may be left waiting.
    void finish() {
        limits_ = limits(6, 2);
        pool_.pool.set_limits(limits_, pool_.now, pool_.actions);
        absorb();
        for (int i = 0; i < 100'000 && !waiting_.empty(); ++i) {
            pool_.now += Duration(1);
            if (!lent_.empty()) release();
            absorb();
            if (!opening_.empty()) answer_login(true);
            absorb();
            pool_.tick();
            absorb();
            check();
        }
        EXPECT_TRUE(waiting_.empty());
        EXPECT_GT(served_, 0u);
    }
    std::uint64_t served() const { return served_; }
    std::uint64_t failed() const { return failed_; }

private:
    struct request {
        std::uint32_t tenant, database;
        TimePoint since;
    };
    struct connection {
        std::uint32_t database = 0;
        int tenant = -1;  // lent to
    };

    std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_.next() % below); }
    template <typename Map>
    auto any(Map& map) {
        return std::next(map.begin(), static_cast<long>(pick(map.size())));
    }

    void acquire() {
        // Mostly each tenant in a database of its own choice, sometimes another: the mixed case.
        const auto t = static_cast<std::uint32_t>(pick(tenants_.size()));
        const auto d =
            static_cast<std::uint32_t>(pick(4) != 0 ? t % databases_.size() : pick(databases_.size()));
        const auto got = pool_.acquire(tenants_[t], databases_[d], static_cast<unsigned>(pick(3)), t);
        if (!got.connection) {
            ASSERT_TRUE(waiting_.emplace(got.ticket, request{t, d, pool_.now}).second)
                << "ticket given twice";
            order_[t].push_back(got.ticket);
            return;
        }
        absorb();  // grants to those who waited before come first
        for (const auto& [ticket, other] : waiting_) {
            const bool first = order_[other.tenant].front() == ticket;
            ASSERT_FALSE(first && other.database == d && below_cap(other.tenant)) << "overtook a waiter";
        }
        ASSERT_TRUE(order_[t].empty()) << "overtook a waiter of its own tenant";
        lend(*got.connection, t, d);
    }

    void lend(ConnectionId id, std::uint32_t tenant, std::uint32_t database) {
        auto found = open_.find(id);
        ASSERT_NE(found, open_.end()) << "granted a connection that is not open";
        ASSERT_EQ(found->second.tenant, -1) << "granted twice";
        ASSERT_EQ(found->second.database, database);
        found->second.tenant = static_cast<int>(tenant);
        lent_.insert(id);
        ++held_[tenant];
        ASSERT_TRUE(caps_[tenant] == 0 || held_[tenant] <= caps_[tenant]) << "over its cap";
        ++served_;
    }
    void hand_in(ConnectionId id) {
        auto& c = open_.at(id);
        if (c.tenant >= 0) --held_[static_cast<std::uint32_t>(c.tenant)];
        c.tenant = -1;
        lent_.erase(id);
    }
    bool below_cap(std::uint32_t tenant) { return caps_[tenant] == 0 || held_[tenant] < caps_[tenant]; }

    void release() {
        const ConnectionId id = *any(lent_);
        hand_in(id);
        pool_.release(id);
    }
    void answer_login(bool succeed = false) {
        if (opening_.empty()) return pool_.tick();
        auto it = any(opening_);
        const auto [id, database] = *it;
        opening_.erase(it);
        if (!succeed && pick(10) == 0) {
            return pool_.failed(id, pick(2) == 0 ? FailureScope::backend : FailureScope::database);
        }
        open_[id] = {database, -1};
        pool_.connected(id);
    }
    void cancel() {
        if (waiting_.empty()) return;
        const Ticket ticket = any(waiting_)->first;
        ASSERT_TRUE(pool_.pool.cancel(ticket));
        ASSERT_FALSE(pool_.pool.cancel(ticket));
        drop(ticket);
    }
    void drop(Ticket ticket) {
        auto& queue = order_[waiting_.at(ticket).tenant];
        queue.erase(std::find(queue.begin(), queue.end(), ticket));
        waiting_.erase(ticket);
        finished_.insert(ticket);
    }
    void discard() {
        if (open_.empty()) return pool_.tick();
        const ConnectionId id = any(open_)->first;
        hand_in(id);
        open_.erase(id);
        pool_.discard(id);
        gone_ = id;
    }
    void reconfigure() {
        const std::size_t which = pick(6);
        if (which == 0) {
            pool_.pool.recycle_all(pool_.now, pool_.actions);
        } else if (which == 1) {
            pool_.pool.keep_warm(databases_[pick(databases_.size())], pool_.now, pool_.actions);
        } else if (which == 2) {
            const auto t = static_cast<std::uint32_t>(pick(tenants_.size()));
            if (caps_[t] != 0) caps_[t] = std::max(held_[t], 1 + static_cast<std::uint32_t>(pick(3)));
            pool_.tenant("t" + std::to_string(t), caps_[t], 1 + t % 4);
        } else if (which == 3 && gone_) {
            pool_.release(*gone_);
            pool_.discard(*gone_);
        } else {
            limits_ = limits(1 + static_cast<std::uint32_t>(pick(8)), static_cast<std::uint32_t>(pick(3)));
            limits_.prefer_known_tenants = pick(2) == 0;
            limits_.min_pool_size = static_cast<std::uint32_t>(pick(3));
            limits_.pool_timeout = Duration(50 + 100 * pick(4));
            limits_.pool_recycle = Duration(500 + 500 * pick(4));
            limits_.idle_timeout = Duration(100 + 100 * pick(4));
            limits_.max_parallel_logins = 1 + static_cast<std::uint32_t>(pick(4));
            before_ = pool_.stats().connecting + pool_.stats().idle + pool_.stats().lent;
            pool_.pool.set_limits(limits_, pool_.now, pool_.actions);
        }
    }

    void absorb() {
        const PoolActions done = pool_.take();
        for (const auto& c : done.closes) {
            if (opening_.erase(c.connection) != 0) continue;
            ASSERT_TRUE(open_.contains(c.connection));
            ASSERT_EQ(open_[c.connection].tenant, -1) << "closed while lent";
            open_.erase(c.connection);
        }
        for (const auto& c : done.connects) {
            const auto d = std::find(databases_.begin(), databases_.end(), c.database) - databases_.begin();
            ASSERT_FALSE(open_.contains(c.connection));
            ASSERT_TRUE(opening_.emplace(c.connection, static_cast<std::uint32_t>(d)).second);
        }
        // First: a time-out of the first in line may be what let the second be served in the same call.
        for (const auto& f : done.failures) {
            ASSERT_TRUE(waiting_.contains(f.ticket)) << "failed twice, or after a grant";
            ASSERT_FALSE(f.message.empty());
            drop(f.ticket);
            ++failed_;
        }
        for (const auto& g : done.grants) {
            ASSERT_TRUE(waiting_.contains(g.ticket)) << "double grant, or grant after failure";
            const request r = waiting_.at(g.ticket);
            ASSERT_EQ(g.cookie, r.tenant);
            ASSERT_EQ(order_[r.tenant].front(), g.ticket) << "not FIFO within the tenant";
            drop(g.ticket);
            lend(g.connection, r.tenant, r.database);
        }
    }

    void check_nobody_waits_beside_an_idle_connection() {
        std::set<std::uint32_t> idle;
        for (const auto& [id, c] : open_) {
            if (c.tenant < 0) idle.insert(c.database);
        }
        for (const auto& [tenant, queue] : order_) {
            if (queue.empty() || !below_cap(tenant)) continue;
            ASSERT_FALSE(idle.contains(waiting_.at(queue.front()).database)) << "tenant " << tenant;
        }
    }

    void check() {
        const PoolStats s = pool_.stats();
        ASSERT_EQ(s.lent, lent_.size());
        ASSERT_EQ(s.idle, open_.size() - lent_.size());
        ASSERT_EQ(s.connecting, opening_.size());
        ASSERT_EQ(s.waiting, waiting_.size());
        ASSERT_EQ(s.grants, served_);
        const std::uint32_t total = s.lent + s.idle + s.connecting;
        ASSERT_LE(total, std::max(limits_.pool_size + limits_.max_overflow, before_)) << "budget";
        before_ = std::min(before_, total);
        Duration oldest{0};
        for (const auto& [ticket, r] : waiting_) {
            oldest = std::max(oldest, std::chrono::duration_cast<Duration>(pool_.now - r.since));
        }
        ASSERT_EQ(s.oldest_wait, oldest);
        for (std::uint32_t t = 0; t < tenants_.size(); ++t) {
            ASSERT_EQ(pool_.pool.tenant_lent(tenants_[t]), held_[t]);
            ASSERT_EQ(pool_.pool.tenant_waiting(tenants_[t]), order_[t].size());
        }
    }

    random_source random_;
    PoolLimits limits_ = limits(6, 2);
    pool_driver pool_;
    std::vector<TenantSlot> tenants_;
    std::vector<std::uint32_t> caps_;
    std::vector<DatabaseSlot> databases_;
    std::map<Ticket, request> waiting_;
    std::set<Ticket> finished_;
    std::map<std::uint32_t, std::deque<Ticket>> order_;
    std::map<ConnectionId, connection> open_;
    std::map<ConnectionId, std::uint32_t> opening_;
    std::set<ConnectionId> lent_;
    std::map<std::uint32_t, std::uint32_t> held_;
    std::optional<ConnectionId> gone_;
    std::uint32_t before_ = 0;
    std::uint64_t served_ = 0, failed_ = 0;
};

class pool_random : public testing::TestWithParam<std::uint64_t> {};

TEST_P(pool_random, keeps_every_promise_after_every_step) {
    player play(GetParam());
    for (int i = 0; i < 8'000; ++i) {
        play.step();
        if (testing::Test::HasFatalFailure()) FAIL() << "step " << i;
    }
    EXPECT_GT(play.served(), 1'000u);
    EXPECT_GT(play.failed(), 10u);
    play.finish();
}

INSTANTIATE_TEST_SUITE_P(seeds, pool_random, testing::Range<std::uint64_t>(1, 9));

TEST(pool_random_seed, the_same_seed_makes_the_same_pool) {
    const auto closing_times = [](std::uint64_t seed) {
        PoolLimits l = limits(50);
        l.pool_recycle = Duration(10'000);
        pool_driver p(l, seed);
        const auto t = p.tenant("t");
        const auto d = p.database("d");
        std::vector<ConnectionId> lent;
        for (int i = 0; i < 50; ++i) lent.push_back(p.lend(t, d));
        for (auto c : lent) p.release(c);
        std::vector<std::size_t> closed;
        for (int i = 0; i < 110; ++i) p.after(Duration(100)), closed.push_back(p.actions.closes.size());
        return closed;
    };
    EXPECT_EQ(closing_times(5), closing_times(5));
    EXPECT_NE(closing_times(5), closing_times(6));
}

}  // namespace
}  // namespace fairlead::dal::test

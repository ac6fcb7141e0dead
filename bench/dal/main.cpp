// What the embedded library costs beside the client library alone: bench/lib/dal.py runs it and says why.
//
//   dal_bench one-thread|at-once postgres|mysql PORT USER PASSWORD DATABASE PLAIN_SQL TENANTS_SQL SILO_CONFIG
//             POOL_CONFIG TENANTS KEYS ROUNDS QUERIES|SECONDS
//
// One line of JSON for each round. one-thread: one query after the other; CPU microseconds of this process
// for a query, with the share of them spent outside of the kernel (bare_us, silo_us, pool_us, ..._user_us).
// at-once: queries a second (bare_rate: 20 bare connections in one loop; silo_rate, pool_rate: 1,000
// coroutines on 20 shared ones) and the CPU microseconds for one of those (bare_us, silo_us, pool_us).

#include "bench/dal/bare_connection.h"
#include "fairlead/async.h"
#include "fairlead/data_source.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace fairlead::bench {
namespace {

using clock = std::chrono::steady_clock;

constexpr int connections = 20;
constexpr int requests = 1'000;

struct settings {
    bool postgres = false;
    address server;
    std::string plain_sql, tenants_sql, silo_file, pool_file;
    int tenants = 0, keys = 0, rounds = 0;
};

/// CPU time of this process. The sum is exact, how the system divides it comes from its ticks.
struct cpu_time {
    double all = 0, user = 0;  // microseconds

    static cpu_time now() {
        rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        const auto us = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
        };
        return {us(used.ru_utime) + us(used.ru_stime), us(used.ru_utime)};
    }
    cpu_time operator-(const cpu_time& before) const { return {all - before.all, user - before.user}; }
    cpu_time operator/(double count) const { return {all / count, user / count}; }
    void operator+=(const cpu_time& more) { all += more.all, user += more.user; }
};

/// For one of `count` calls.
cpu_time cost(int count, const std::function<void(int)>& call) {
    const cpu_time before = cpu_time::now();
    for (int i = 0; i < count; ++i) call(i);
    return (cpu_time::now() - before) / count;
}

/// Queries a second, and what each has cost.
struct throughput {
    double rate = 0, cost = 0;
};

class stopwatch {
public:
    throughput divide(long queries) const {
        const std::chrono::duration<double> took = clock::now() - began_;
        const auto count = static_cast<double>(queries);
        return {count / took.count(), (cpu_time::now() - cpu_).all / count};
    }

private:
    const clock::time_point began_ = clock::now();
    const cpu_time cpu_ = cpu_time::now();
};

class bench {
public:
    explicit bench(settings what)
        : settings_(std::move(what)),
          silo_(DataSource::open(settings_.silo_file)),
          pool_(DataSource::open(settings_.pool_file)) {
        for (int i = 1; i <= settings_.tenants; ++i)
            tenants_.push_back(pool_.tenant("t" + std::to_string(i)));
        owner_ = silo_.tenant("t1");
    }

    /// Of the calling thread alone: the data sources have opened one connection each, as the bare program.
    void one_thread(int queries) {
        one_ = connect(true);
        round(queries / 10 + 1);  // warm: plans, connections, caches
        for (int i = 0; i < settings_.rounds; ++i) {
            const auto [bare, silo, pool] = round(queries);
            std::printf(
                "{\"bare_us\": %.3f, \"silo_us\": %.3f, \"pool_us\": %.3f, \"bare_user_us\": %.3f, "
                "\"silo_user_us\": %.3f, \"pool_user_us\": %.3f}\n",
                bare.all, silo.all, pool.all, bare.user, silo.user, pool.user);
            std::fflush(stdout);
        }
    }

    void at_once(double seconds) {
        for (int i = 0; i < connections; ++i) bare_.push_back(connect(false));
        const double warm = seconds / 10;
        bare_loop(warm), library({owner_}, settings_.plain_sql, warm);
        library(tenants_, settings_.tenants_sql, warm);
        for (int i = 0; i < settings_.rounds; ++i) {
            // Each library round has a bare round of its own on either side of it, whose mean it is compared
            // with.
            const throughput first = bare_loop(seconds);
            const throughput shared = library({owner_}, settings_.plain_sql, seconds);
            const throughput second = bare_loop(seconds);
            const throughput sealed = library(tenants_, settings_.tenants_sql, seconds);
            std::printf(
                "{\"bare_rate\": %.0f, \"silo_rate\": %.0f, \"pool_rate\": %.0f, \"bare_us\": %.3f, "
                "\"silo_us\": %.3f, \"pool_us\": %.3f}\n",
                (first.rate + second.rate) / 2, shared.rate, sealed.rate, (first.cost + second.cost) / 2,
                shared.cost, sealed.cost);
            std::fflush(stdout);
        }
    }

private:
    struct costs {
        cpu_time bare, silo, pool;
    };

    std::unique_ptr<bare_connection> connect(bool blocking) const {
        return settings_.postgres ? connect_postgres(settings_.server, settings_.plain_sql)
                                  : connect_mysql(settings_.server, settings_.plain_sql, blocking);
    }
    int key(long number) const { return static_cast<int>(1 + number * 7919 % settings_.keys); }

    /// In slices that take turns, so that what disturbs the machine disturbs all three; every second time
    /// backwards, so that none always follows the same one.
    costs round(int queries) {
        constexpr int slices = 10;
        const int count = queries / slices + 1;
        costs total{};
        const auto ask_bare = [&] { total.bare += cost(count, [&](int i) { one_->ask(key(i)); }); };
        const auto ask_silo = [&] {
            total.silo += cost(count, [&](int i) { owner_.query_value<long>(settings_.plain_sql, key(i)); });
        };
        const auto ask_pool = [&] {
            total.pool += cost(count, [&](int i) {
                tenants_[static_cast<std::size_t>(i) % tenants_.size()].query_value<long>(
                    settings_.tenants_sql, key(i));
            });
        };
        for (int slice = 0; slice < slices; slice += 2) {
            ask_bare(), ask_silo(), ask_pool();
            ask_pool(), ask_silo(), ask_bare();
        }
        return {total.bare / slices, total.silo / slices, total.pool / slices};
    }

    throughput bare_loop(double seconds);
    static throughput library(const std::vector<Tenant>& tenants, const std::string& sql, double seconds);

    const settings settings_;
    DataSource silo_, pool_;
    Tenant owner_;
    std::vector<Tenant> tenants_;
    std::unique_ptr<bare_connection> one_;
    std::vector<std::unique_ptr<bare_connection>> bare_;
};

/// Level-triggered, one set for all: what a program would write that has its connections for itself.
throughput bench::bare_loop(double seconds) {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    const auto watch = [&](int how, std::size_t i) {
        epoll_event event{};
        event.events = static_cast<unsigned>(bare_[i]->waits_for());  // POLLIN is EPOLLIN
        event.data.u64 = i;
        ::epoll_ctl(set, how, bare_[i]->descriptor(), &event);
    };
    long answered = 0;
    int busy = 0;
    long number = 0;
    std::vector<short> watched(bare_.size());
    for (std::size_t i = 0; i < bare_.size(); ++i) {
        while (bare_[i]->start(key(number++))) ++answered;
        watched[i] = bare_[i]->waits_for();
        watch(EPOLL_CTL_ADD, i);
        ++busy;
    }
    const stopwatch watch_of_all;
    const auto end = clock::now() + std::chrono::duration<double>(seconds);
    while (busy > 0) {
        epoll_event events[connections];
        const int count = ::epoll_wait(set, events, connections, -1);
        const bool more = clock::now() < end;
        for (int at = 0; at < count; ++at) {
            const auto i = static_cast<std::size_t>(events[at].data.u64);
            bool done = bare_[i]->go_on(static_cast<short>(events[at].events));
            while (done) {
                ++answered;
                if (!more) break;
                done = bare_[i]->start(key(number++));
            }
            if (done) --busy;
            if (!done && watched[i] != bare_[i]->waits_for()) {
                watched[i] = bare_[i]->waits_for();
                watch(EPOLL_CTL_MOD, i);
            }
        }
    }
    ::close(set);
    return watch_of_all.divide(answered);
}

struct load {
    const std::string& sql;
    std::vector<AsyncTenant> tenants;
    clock::time_point end;
    long answered = 0;
    std::size_t next = 0;
};

boost::asio::awaitable<void> ask_and_ask(load& work) {
    while (clock::now() < work.end) {
        const std::size_t number = work.next++;
        const AsyncTenant& tenant = work.tenants[number % work.tenants.size()];
        const auto rows =
            co_await tenant.query<long>(fairlead::bind(work.sql, 1 + static_cast<int>(number % 1000)));
        if (rows.size() != 1) throw std::runtime_error("no row");
        ++work.answered;
    }
}

throughput bench::library(const std::vector<Tenant>& tenants, const std::string& sql, double seconds) {
    boost::asio::io_context context(1);
    load work{sql, {}, {}};
    for (const Tenant& tenant : tenants) work.tenants.emplace_back(tenant, context.get_executor());
    std::exception_ptr failed;
    const stopwatch watch;
    work.end =
        clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
    for (int i = 0; i < requests; ++i) {
        boost::asio::co_spawn(context, ask_and_ask(work), [&](std::exception_ptr error) {
            if (error) failed = error;
        });
    }
    context.run();
    if (failed) std::rethrow_exception(failed);
    return watch.divide(work.answered);
}

settings read(char** argument) {
    settings found;
    found.postgres = std::string(argument[0]) == "postgres";
    found.server = {std::atoi(argument[1]), argument[2], argument[3], argument[4]};
    found.plain_sql = argument[5];
    found.tenants_sql = argument[6];
    found.silo_file = argument[7];
    found.pool_file = argument[8];
    found.tenants = std::atoi(argument[9]);
    found.keys = std::atoi(argument[10]);
    found.rounds = std::atoi(argument[11]);
    return found;
}

}  // namespace
}  // namespace fairlead::bench

int main(int argc, char** argv) {
    if (argc != 15) {
        std::fprintf(stderr, "dal_bench: run it by bench/run.sh dal\n");
        return 2;
    }
    try {
        fairlead::bench::bench bench(fairlead::bench::read(argv + 2));
        if (std::string(argv[1]) == "one-thread") {
            bench.one_thread(std::atoi(argv[14]));
        } else {
            bench.at_once(std::atof(argv[14]));
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "dal_bench: %s\n", error.what());
        return 1;
    }
}

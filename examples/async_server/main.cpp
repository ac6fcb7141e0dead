// A server's work without the server: 1,000 requests at a time, of 200 tenants, on one thread and a handful
// of server connections. Each request is a coroutine that waits for the database without holding a thread.
//
//   async_server fairlead.toml PREFIX [TENANTS [AT_ONCE [REQUESTS]]]
//
// The tenants are PREFIX1 to PREFIX200; the table is `users` of the shop (examples/shop). Each tenant first
// gets one row that bears its name; then every request checks that it sees this row and no other tenant's.
// Says how fast it was and how many server connections it took; exit code 1 when a request failed or saw a
// wrong row.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fairlead/async.h>
#include <fairlead/data_source.h>
#include <string>
#include <tuple>
#include <vector>

namespace {

using boost::asio::awaitable;
using fairlead::AsyncTenant;
using fairlead::AsyncTransaction;
using fairlead::named;

struct Settings {
    std::string file;
    std::string prefix;
    int tenants = 200;
    int at_once = 1'000;
    int requests = 20'000;
};

struct Totals {
    int started = 0;
    int answered = 0;
    int wrong = 0;  // somebody else's rows, or not ours
    int failed = 0;
};

/// Nobody names the tenant in the statements: what is deleted and written is this tenant's.
awaitable<void> move_in(AsyncTenant tenant) {
    AsyncTransaction transaction = tenant.begin();
    co_await transaction.execute(fairlead::bind("DELETE FROM users"));
    co_await transaction.execute(fairlead::bind("INSERT INTO users (user_id, username) VALUES (:id, :name)",
                                                named("id", 1), named("name", tenant.id())));
    co_await transaction.commit();
}

awaitable<bool> sees_only_itself(AsyncTenant tenant) {
    const auto rows =
        co_await tenant.query<int, std::string>(fairlead::bind("SELECT user_id, username FROM users"));
    co_return rows.size() == 1 && rows.front() == std::tuple(1, tenant.id());
}

/// Every tenth request writes.
awaitable<bool> touches_only_itself(AsyncTenant tenant) {
    AsyncTransaction transaction = tenant.begin();
    const auto changed = co_await transaction.execute(fairlead::bind(
        "UPDATE users SET user_id = user_id + 1 WHERE username = :name", named("name", tenant.id())));
    const auto others = co_await transaction.query<int>(
        fairlead::bind("SELECT count(*) FROM users WHERE username <> :name", named("name", tenant.id())));
    co_await transaction.rollback();
    co_return changed.affected() == 1 && std::get<0>(others.front()) == 0;
}

/// One of those that are there at once: asks, and asks again, each time as the next tenant.
awaitable<void> visit(const std::vector<AsyncTenant>& tenants, const Settings& settings, Totals& totals) {
    while (totals.started < settings.requests) {
        const int number = totals.started++;
        const AsyncTenant& tenant = tenants[static_cast<std::size_t>(number) % tenants.size()];
        try {
            const bool right =
                number % 10 == 9 ? co_await touches_only_itself(tenant) : co_await sees_only_itself(tenant);
            ++totals.answered;
            if (!right) ++totals.wrong;
        } catch (const fairlead::DatabaseError& error) {
            if (totals.failed++ == 0) std::fprintf(stderr, "%s: %s\n", tenant.id().c_str(), error.what());
        }
    }
}

awaitable<void> prepare(const std::vector<AsyncTenant>& tenants) {
    for (const AsyncTenant& tenant : tenants) co_await move_in(tenant);
}

/// Runs what was spawned; throws what it has thrown.
void run(boost::asio::io_context& context, awaitable<void> work) {
    std::exception_ptr failed;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) { failed = error; });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
}

int report(const fairlead::DataSource& db, const Settings& settings, const Totals& totals, double seconds) {
    unsigned long long connects = 0;
    for (const fairlead::PoolState& pool : db.pools()) connects += pool.connects;
    std::printf("%d requests of %d tenants, %d at a time: %.2f s, %.0f a second, %llu server connections\n",
                totals.answered, settings.tenants, settings.at_once, seconds, totals.answered / seconds,
                connects);
    std::printf("wrong rows: %d, failed: %d\n", totals.wrong, totals.failed);
    return totals.wrong == 0 && totals.failed == 0 && totals.answered == settings.requests ? 0 : 1;
}

int serve(const Settings& settings) {
    fairlead::DataSource db = fairlead::DataSource::open(settings.file);
    boost::asio::io_context context(1);
    std::vector<AsyncTenant> tenants;
    for (int number = 1; number <= settings.tenants; ++number)
        tenants.emplace_back(db.tenant(settings.prefix + std::to_string(number)), context.get_executor());
    run(context, prepare(tenants));

    Totals totals;
    const auto began = std::chrono::steady_clock::now();
    for (int visitor = 0; visitor < settings.at_once; ++visitor)
        boost::asio::co_spawn(context, visit(tenants, settings, totals), boost::asio::detached);
    context.restart();
    context.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return report(db, settings, totals, took.count());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: async_server fairlead.toml PREFIX [TENANTS [AT_ONCE [REQUESTS]]]\n");
        return 2;
    }
    Settings settings;
    settings.file = argv[1];
    settings.prefix = argv[2];
    if (argc > 3) settings.tenants = std::atoi(argv[3]);
    if (argc > 4) settings.at_once = std::atoi(argv[4]);
    if (argc > 5) settings.requests = std::atoi(argv[5]);
    try {
        return serve(settings);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}

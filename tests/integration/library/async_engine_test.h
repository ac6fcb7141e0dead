#pragma once

#include "fairlead/async.h"
#include "tests/integration/library/engine_test.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <utility>

namespace fairlead::test {

namespace asio = boost::asio;
using asio::awaitable;

/// The same with a context for asynchronous calls, which the test's thread runs.
class async_on_each_engine : public on_each_engine {
protected:
    /// Runs a coroutine to its end; what it throws comes out.
    void run(awaitable<void> work) {
        auto done = asio::co_spawn(context, std::move(work), asio::use_future);
        run_context();
        done.get();
    }
    void run_context() {
        context.restart();
        context.run();
    }
    AsyncTenant tenant(const DataSource& db, const char* id = "acme") {
        return AsyncTenant(db.tenant(id), context.get_executor());
    }
    /// One that may sleep: on shared tables that is refused.
    AsyncTenant sleeper(const DataSource& db) { return tenant(db, "umbrella"); }
    static int count(const DataSource& db, const char* id = "acme") {
        return db.tenant(id).query_value<int>("SELECT count(*) FROM items");
    }
    std::string insert() const {
        return "INSERT INTO items (id, note) VALUES (" + shop.p(1) + ", " + shop.p(2) + ")";
    }

    asio::io_context context;
};

}  // namespace fairlead::test

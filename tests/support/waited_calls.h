#pragma once

#include "fairlead/async.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead::test {

/// A thread that runs asynchronous calls. Destroyed, it lets those that run come to their end.
class call_thread {
public:
    call_thread() : thread_([this] { context_.run(); }) {}
    ~call_thread() {
        kept_.reset();
        thread_.join();
    }
    call_thread(const call_thread&) = delete;
    call_thread& operator=(const call_thread&) = delete;

    boost::asio::io_context::executor_type executor() { return context_.get_executor(); }

private:
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> kept_{context_.get_executor()};
    std::thread thread_;
};

/// Starts a call, waits for its end, and tells its failure.
template <typename Start>
auto wait_for_call(Diagnostics& failed, Start start) {
    auto [why, value] = start(as_diagnostics(boost::asio::use_future)).get();
    failed = std::move(why);
    return std::move(value);
}

// The asynchronous API in the shape of the synchronous one, each call waited for on the calling thread: what
// is asked of one can be asked of the other.

class waited_stream {
public:
    explicit waited_stream(AsyncStream rows) : rows_(std::move(rows)) {}

    bool next(Diagnostics& failed) {
        if (!chunk_.empty() && ++at_ != chunk_.end()) return true;
        chunk_ = wait_for_call(failed, [this](auto token) { return rows_.next(std::move(token)); });
        at_ = chunk_.begin();
        return !chunk_.empty();
    }
    Row row() const { return *at_; }

private:
    AsyncStream rows_;
    RowChunk chunk_;
    RowChunk::iterator at_;
};

class waited_load {
public:
    explicit waited_load(AsyncBulkLoad load) : load_(std::move(load)) {}

    void add(std::span<const Argument> values) {
        if (load_.add(values)) load_.send(boost::asio::use_future).get();
    }
    std::uint64_t finish() { return load_.finish(boost::asio::use_future).get(); }

private:
    AsyncBulkLoad load_;
};

/// On an AsyncTenant, AsyncTransaction or AsyncSession.
template <typename Async>
class waited_queries {
public:
    explicit waited_queries(Async async) : async_(std::move(async)) {}

    ResultSet execute(Diagnostics& failed, const Statement& statement) const {
        return wait_for_call(failed, [&](auto token) { return async_.execute(owned(statement), token); });
    }
    waited_stream stream(Diagnostics& failed, const Statement& statement) const {
        return waited_stream(
            wait_for_call(failed, [&](auto token) { return async_.stream(owned(statement), token); }));
    }

protected:
    Async async_;

private:
    static BoundStatement owned(const Statement& statement) {
        return BoundStatement(statement.sql, statement.arguments);
    }
};

using waited_session = waited_queries<AsyncSession>;

class waited_transaction : public waited_queries<AsyncTransaction> {
public:
    using waited_queries::waited_queries;

    void commit(Diagnostics& failed) {
        failed = async_.commit(as_diagnostics(boost::asio::use_future)).get();
    }
    void rollback() { async_.rollback(boost::asio::use_future).get(); }
};

class waited_tenant : public waited_queries<AsyncTenant> {
public:
    using waited_queries::waited_queries;

    waited_transaction begin() const { return waited_transaction(async_.begin()); }
    waited_session session() const { return waited_session(async_.session()); }
    std::vector<ResultSet> run(const Batch& batch, Diagnostics& failed) const {
        return wait_for_call(failed, [&](auto token) { return async_.run(batch, token); });
    }
    waited_load bulk_load(std::string_view table, std::span<const std::string_view> columns) const {
        return waited_load(async_.bulk_load(table, columns));
    }
};

}  // namespace fairlead::test

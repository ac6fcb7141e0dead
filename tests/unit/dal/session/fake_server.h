#pragma once

#include "dal/driver/server_error.h"
#include "dal/driver/server_session.h"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace fairlead::dal::test {

class fake_session;

/// A database server whose every answer is scripted, and what it saw. Thread-safe. Sessions wait on real
/// descriptors, so that what polls them is tested with them.
class fake_server {
public:
    enum class reply : std::uint8_t { ok, fail, hang, drop };  // drop: the connection breaks
    std::atomic<reply> login{reply::ok}, ping{reply::ok}, cancel{reply::ok}, command{reply::ok},
        reset{reply::ok};
    /// Whether an answer that is outstanding comes without a cancel.
    std::atomic<bool> answers_uncancelled{false};
    /// The next so many cancels meet nothing: their statement has not arrived yet.
    std::atomic<int> cancels_in_vain{0};
    std::string login_sqlstate = "28P01";  // before it is in use
    /// Logins to other addresses are refused by nobody being there. Empty: all are the server's.
    std::string only_address;

    std::atomic<int> logins{0}, live{0}, most_live{0}, pings{0}, cancels{0}, resets{0}, commands{0},
        drains{0};

    /// What happened, in order: "cancel 1", "command ROLLBACK", "reset".
    std::vector<std::string> story() {
        std::lock_guard lock(mutex_);
        return story_;
    }
    void note(std::string what) {
        std::lock_guard lock(mutex_);
        story_.push_back(std::move(what));
    }
    /// Closes its ends of all connections, as a server that stops.
    void close_all() {
        std::lock_guard lock(mutex_);
        for (auto& [number, end] : ends_) ::shutdown(end, SHUT_RDWR);
    }

    int connect(int number) {
        int pair[2] = {-1, -1};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) return -1;
        std::lock_guard lock(mutex_);
        ends_[number] = pair[1];
        ++live;
        if (live > most_live) most_live = live.load();
        return pair[0];
    }
    void disconnect(int number) {
        std::lock_guard lock(mutex_);
        if (const auto end = ends_.find(number); end != ends_.end()) {
            ::close(end->second);
            ends_.erase(end);
            --live;
        }
    }
    void answer(int number) {
        std::lock_guard lock(mutex_);
        if (const auto end = ends_.find(number); end != ends_.end())
            (void)::send(end->second, "x", 1, MSG_NOSIGNAL);
    }
    int next_number() { return ++numbers_; }

private:
    std::mutex mutex_;
    std::map<int, int> ends_;
    std::vector<std::string> story_;
    std::atomic<int> numbers_{0};
};

class fake_session final : public ServerSession {
public:
    explicit fake_session(fake_server& server) : server_(server), number_(server.next_number()) {}
    ~fake_session() override {
        server_.disconnect(number_);
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    Wait start_connect(const ConnectOptions& options, const std::string&) override {
        ++server_.logins;
        address = options.host;
        database = options.database;
        descriptor_ = server_.connect(number_);
        if (!server_.only_address.empty() && server_.only_address != options.host)
            return broken("nobody listens there", "");
        return ask(server_.login, server_.login_sqlstate);
    }
    Wait start(const StatementJob& job) override {
        const std::string sql(job.sql);
        if (!sql.starts_with("cancel ")) return Wait::nothing;
        ++server_.cancels;
        server_.note(sql);
        const bool in_vain = server_.cancels_in_vain > 0 && server_.cancels_in_vain-- > 0;
        if (server_.cancel == fake_server::reply::ok && !in_vain) server_.answer(std::stoi(sql.substr(7)));
        return ask(server_.cancel, "57014");
    }
    Wait start_batch(std::span<const StatementJob>) override { return Wait::nothing; }
    Wait start_command(std::string_view sql) override {
        ++server_.commands;
        server_.note("command " + std::string(sql));
        after_ = TransactionStatus::idle;
        return ask(server_.command, "XX000");
    }
    Wait start_load(std::string_view, std::string, const SessionContext&, std::string_view) override {
        return Wait::nothing;
    }
    Wait start_next_rows() override { return Wait::nothing; }
    Wait start_reset() override {
        ++server_.resets;
        server_.note("reset");
        return ask(server_.reset, "XX000");
    }
    Wait start_ping() override {
        ++server_.pings;
        server_.note("ping");
        return ask(server_.ping, "XX000");
    }
    Wait start_drain() override {
        ++server_.drains;
        failed_.clear();
        next_ = fake_server::reply::ok;
        if (server_.answers_uncancelled) server_.answer(number_);
        return Wait::readable;
    }
    Wait resume(Wait) override {
        char byte = 0;
        if (::recv(descriptor_, &byte, 1, MSG_DONTWAIT) != 1) return broken("the server has gone", "");
        if (next_ == fake_server::reply::drop) return broken("cut", "");
        if (next_ == fake_server::reply::fail) failed_ = server_error(sqlstate_, "no");
        if (next_ == fake_server::reply::ok) status_ = after_;
        return Wait::nothing;
    }

    int descriptor() const override { return descriptor_; }
    const Diagnostics& failed() const override { return failed_; }
    bool is_broken() const override { return broken_; }
    bool was_sent() const override { return true; }
    TransactionStatus status() const override { return broken_ ? TransactionStatus::unknown : status_; }
    ResultSet take_result() override { return {}; }
    std::vector<ResultSet> take_results() override { return {}; }
    std::shared_ptr<const fairlead::detail::result_data> take_rows() override { return nullptr; }
    std::string cancel_statement() const override { return "cancel " + std::to_string(number_); }
    std::int32_t backend_pid() const override { return number_; }
    std::int64_t connection_tag() const override { return 0; }
    std::uint32_t server_version() const override { return 0; }
    std::string_view sql_mode() const override { return {}; }

    // What a caller did to it.
    void open_transaction() { status_ = after_ = TransactionStatus::open; }
    Wait broken(std::string why, std::string) {
        failed_ = connection_error(std::move(why));
        broken_ = true;
        return Wait::nothing;
    }
    std::string address, database;

private:
    Wait ask(fake_server::reply how, const std::string& sqlstate) {
        failed_.clear();
        next_ = how;
        sqlstate_ = sqlstate;
        if (how != fake_server::reply::hang) server_.answer(number_);
        return Wait::readable;
    }

    fake_server& server_;
    const int number_;
    int descriptor_ = -1;
    fake_server::reply next_ = fake_server::reply::ok;
    std::string sqlstate_;
    Diagnostics failed_;
    bool broken_ = false;
    TransactionStatus status_ = TransactionStatus::idle;
    TransactionStatus after_ = TransactionStatus::idle;
};

}  // namespace fairlead::dal::test

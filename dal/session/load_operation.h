#pragma once

#include "dal/session/session_operation.h"

#include <string>

namespace fairlead::dal {

/// COPY FROM STDIN or LOAD DATA LOCAL with rows as text, in a transaction.
class load_operation final : public session_operation {
public:
    /// `kept` is a transaction. `sql` is the library's own text (policy/bulk_load.h).
    load_operation(kept_connection& kept, std::string sql, std::string data,
                   std::chrono::milliseconds timeout)
        : session_operation(*kept.home(), &kept, timeout), sql_(std::move(sql)), data_(std::move(data)) {}

    /// After success: rows taken.
    std::uint64_t rows() const { return rows_; }

private:
    void prepare(Diagnostics& failed) override { kept()->may_run(failed); }
    Wait start(ServerSession& session) override {
        // Triggers that write, and the variables that bytes go through.
        if (home().engine() == config::Engine::mysql) lease().mark_dirty();
        StatementJob front;
        put_in_front(front);
        return session.start_load(sql_, std::move(data_), front.context, front.begin);
    }
    std::optional<Wait> proceed(ServerSession& session) override {
        rows_ = session.take_result().affected();
        return std::nullopt;
    }

    const std::string sql_;
    std::string data_;
    std::uint64_t rows_ = 0;
};

}  // namespace fairlead::dal

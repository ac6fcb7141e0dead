#pragma once

#include "dal/session/lease.h"
#include "dal/session/tenant_home.h"
#include "fairlead/error.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::dal {

/// The connection of a transaction, or of a session, from its first statement to its end, and where the
/// transaction stands. One thread at a time.
class kept_connection {
public:
    /// `begin`: what begins the transaction (begin_texts()); empty: a session, whose statements commit by
    /// themselves.
    kept_connection(std::shared_ptr<const tenant_home> home, std::vector<std::string> begin)
        : home_(std::move(home)), begin_(std::move(begin)), transaction_(!begin_.empty()) {}

    const std::shared_ptr<const tenant_home>& home() const { return home_; }
    Lease& lease() { return lease_; }

    bool is_transaction() const { return transaction_; }
    /// Neither committed nor rolled back, nor lost.
    bool is_open() const { return state_ != state::ended; }
    /// The server holds a transaction for us.
    bool has_begun() const { return begun_; }
    bool has_failed() const { return state_ == state::failed; }

    /// Whether another statement may run. Else why: the transaction has failed, has ended, its connection is
    /// lost.
    bool may_run(Diagnostics& failed) const;

    /// What has to be run before the next statement: all that begins the transaction but its last text, which
    /// goes with the statement. `all`: the last one, too.
    std::span<const std::string> openings(bool all) const;
    /// What goes in front of the next statement. `value` receives what the context points into.
    std::string_view begin_text() const {
        return begun_ || begin_.empty() ? std::string_view() : begin_.back();
    }
    SessionContext context(std::string& value) const;

    /// Something was run, with begin_text() in front. `with_context`: with context(), too.
    void ran(const Diagnostics& failed, bool with_context);
    /// The same, but rows are still to be fetched: nothing else may run until ran() or drained().
    void streams(bool with_context);
    bool is_streaming() const { return streaming_; }
    /// The same for something of which the answer is outstanding.
    void interrupted();
    /// After a statement that may have changed how texts are read, and did.
    void reading_changed() { unreadable_ = true; }
    /// Committed or rolled back: the connection goes back.
    void end(std::string why);

    std::string add_savepoint();
    /// After ROLLBACK TO: what stood at that time stands again. After RELEASE it is only forgotten.
    void back_to_savepoint(std::string_view name);
    void forget_savepoint(std::string_view name);

private:
    enum class state : std::uint8_t { open, failed, ended };
    struct savepoint {
        std::string name;
        bool in_context;
    };

    void settle(const Diagnostics& failed, bool with_context);

    std::shared_ptr<const tenant_home> home_;
    const std::vector<std::string> begin_;
    const bool transaction_;
    state state_ = state::open;
    bool begun_ = false;
    bool in_context_ = false;  // PostgreSQL: the transaction has its context
    bool unreadable_ = false;
    bool streaming_ = false;
    unsigned savepoints_made_ = 0;
    std::vector<savepoint> savepoints_;
    std::string end_;  // why it ended
    Lease lease_;      // after home_: it goes back first
};

}  // namespace fairlead::dal

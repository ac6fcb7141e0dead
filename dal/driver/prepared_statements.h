#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fairlead::dal {

/// What tells prepared statements of one connection apart; compared in full, never by a hash alone.
struct StatementKey {
    std::string_view scope;  // names in the text may mean other tables in another scope
    std::string_view text;
    std::string_view types;  // of the parameters as they were declared; empty: the server infers them
    std::size_t text_hash = std::hash<std::string_view>()(text);

    bool operator==(const StatementKey&) const = default;
};

/// The statements that are prepared on one connection, the least recently used is given up first. `Handle` is
/// what the engine calls one by (a name, a MYSQL_STMT). Not thread-safe.
///
/// A statement is added when its PREPARE is sent and counts only once confirmed: what the server refused, or
/// skipped behind an earlier failure, is gone with end_operation(). Statements of the operation that runs are
/// never given up, so that one pipeline may use many.
template <typename Handle>
class PreparedStatements {
public:
    struct Statement {
        Handle handle{};
        bool ready = false;  // the server has confirmed it

    private:
        friend class PreparedStatements;
        std::string scope, text, types;
        std::size_t text_hash = 0;
        std::uint64_t used_by = 0;  // the operation
    };

    explicit PreparedStatements(std::size_t capacity) : capacity_(capacity) {}

    void begin_operation() { ++operation_; }
    /// Forgets what the server has not confirmed.
    void end_operation() {
        for (auto at = order_.begin(); unconfirmed_ > 0 && at != order_.end();) {
            const auto next = std::next(at);
            if (!at->ready) drop(at), --unconfirmed_;
            at = next;
        }
    }

    /// Null: not prepared. Valid until it is forgotten; not before the operation's end unless by forget().
    Statement* find(const StatementKey& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        found->second->used_by = operation_;
        return &*found->second;
    }
    /// A statement whose PREPARE is about to be sent; its key must not be there. Null: no room, run it
    /// unprepared.
    Statement* add(const StatementKey& key, Handle handle) {
        if (!make_room()) return nullptr;
        Statement& made = order_.emplace_front();
        made.handle = std::move(handle);
        made.scope = key.scope, made.text = key.text, made.types = key.types;
        made.text_hash = key.text_hash;
        made.used_by = operation_;
        index_.emplace(key_of(made), order_.begin());
        ++unconfirmed_;
        return &made;
    }
    void confirm(Statement& statement) {
        if (!std::exchange(statement.ready, true)) --unconfirmed_;
    }

    /// The server has it no longer.
    void forget(const Statement& statement) {
        const auto found = index_.find(key_of(statement));
        if (found == index_.end()) return;
        if (!statement.ready) --unconfirmed_;
        drop(found->second);
    }
    /// Not to be used again; its handle waits in to_close().
    void give_up(Statement& statement) {
        to_close_.push_back(std::move(statement.handle));
        forget(statement);
    }
    /// The server has none any longer, nor the ones to close.
    void clear() {
        index_.clear();
        order_.clear();
        to_close_.clear();
        unconfirmed_ = 0;
    }

    /// Handles of given up statements, which the owner closes on the server and then takes out.
    std::vector<Handle>& to_close() { return to_close_; }
    std::size_t size() const { return order_.size(); }

private:
    using Order = std::list<Statement>;  // most recently used first
    struct Hash {
        // Without the types: there are few of them for one text.
        std::size_t operator()(const StatementKey& key) const {
            return key.text_hash ^ (std::hash<std::string_view>()(key.scope) * 31);
        }
    };

    static StatementKey key_of(const Statement& statement) {
        return {statement.scope, statement.text, statement.types, statement.text_hash};
    }
    bool make_room() {
        while (order_.size() >= capacity_) {
            if (order_.empty() || order_.back().used_by == operation_) return false;
            give_up(order_.back());
        }
        return true;
    }
    void drop(typename Order::iterator at) {
        index_.erase(key_of(*at));
        order_.erase(at);
    }

    std::size_t capacity_;
    std::uint64_t operation_ = 0;
    std::size_t unconfirmed_ = 0;
    Order order_;
    std::unordered_map<StatementKey, typename Order::iterator, Hash> index_;
    std::vector<Handle> to_close_;
};

}  // namespace fairlead::dal

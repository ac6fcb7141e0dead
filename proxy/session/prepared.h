#pragma once

#include "policy/verdict.h"

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fairlead::proxy {

/// One statement text as servers know it, under one name on all of them. Shared by every client that prepared
/// the same text with the same parameter types in the same scope; found by comparing all of these in full.
struct prepared_statement {
    std::string server_name;  // "fl_17"
    std::string text;        // Parse: the text. PREPARE: the whole statement with `server_name` already in it
    std::string types;       // Parse: the message's tail (count and OIDs), as sent
    bool sql_level = false;  // made by PREPARE, not by Parse
    std::uint64_t id = 0;    // never reused
    /// Some server has taken it, so its text is good: a client that prepares it again need not wait for a
    /// link.
    mutable std::atomic<bool> confirmed{false};
    /// MySQL: what a server answered to its preparation, in the form of mysql/prepare_reply.h, so that a
    /// client that prepares it again gets its metadata without a link. Null: not known, or too long to keep.
    mutable std::atomic<std::shared_ptr<const std::string>> reply{};
};
using statement_ptr = std::shared_ptr<const prepared_statement>;

/// All prepared statements of the process, so that a connection that moves between workers keeps its names.
/// Thread-safe. A statement lives as long as some client or server connection holds it.
class statement_registry {
public:
    /// Parse-level statement. `scope`: whatever else a plan depends on (database, a bridge tenant's schema).
    statement_ptr parsed(std::string_view scope, std::string_view text, std::string_view types);
    /// SQL-level statement: `before` and `after` are the PREPARE text around the name.
    statement_ptr sql_prepared(std::string_view scope, std::string_view before, std::string_view after);

    std::size_t size() const;

private:
    statement_ptr intern(std::string key, std::shared_ptr<prepared_statement> statement);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::weak_ptr<const prepared_statement>> statements_;
    std::uint64_t next_id_ = 1;
    std::size_t sweep_at_ = 1024;
};

/// The statements that one server connection has, least recently used first out.
class prepared_set {
public:
    /// Marks it as just used. False: the server does not have it.
    bool use(const prepared_statement& statement);
    void add(statement_ptr statement);
    void remove(std::uint64_t id);
    void clear();
    std::size_t size() const { return by_id_.size(); }
    /// The one to close when there are more than `limit`; it is removed here.
    statement_ptr evict_above(std::size_t limit);

private:
    std::list<statement_ptr> recent_;  // newest in front
    std::unordered_map<std::uint64_t, std::list<statement_ptr>::iterator> by_id_;
};

}  // namespace fairlead::proxy

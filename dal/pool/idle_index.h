#pragma once

#include "dal/pool/backend_pool.h"
#include "dal/pool/index_list.h"
#include "dal/pool/keyed_lists.h"

#include <vector>

namespace fairlead::dal {

/// Idle connections by everything they are looked for: tenant, worker, database, age, and the database with
/// the most of them. Every operation is O(1).
class idle_index {
public:
    /// `tenant`: last served, or no_index for a connection that served nobody yet.
    void add(std::uint32_t connection, std::uint32_t tenant, std::uint32_t database, std::uint32_t worker,
             TimePoint now);
    void remove(std::uint32_t connection);

    /// The best for a request: last served this tenant (same worker first), then same database and worker,
    /// then same database. Most recently used first, so that surplus connections grow old and are closed.
    /// no_index: none.
    std::uint32_t pick(std::uint32_t tenant, std::uint32_t database, std::uint32_t worker) const;
    /// Least recently used connection of the database with the most idle ones; among equals, of the database
    /// whose number changed longest ago. no_index: none.
    std::uint32_t surplus() const;
    /// Least recently used of all. no_index: none.
    std::uint32_t oldest() const { return by_age_.last; }
    TimePoint idle_since(std::uint32_t connection) const { return entries_[connection].since; }
    /// Counts as used now, for idle time only (a connection kept although it was idle too long).
    void touch(std::uint32_t connection, TimePoint now);
    void set_worker(std::uint32_t connection, std::uint32_t worker);

    std::uint32_t count() const { return count_; }

private:
    struct entry {
        std::uint32_t tenant = no_index, database = no_index, worker = 0;
        TimePoint since{};
    };
    struct database_entry {
        index_list connections;
        std::vector<index_list> by_worker;
        std::uint32_t count = 0;
    };
    index_list& of_worker(std::uint32_t database, std::uint32_t worker);
    void change_count(std::uint32_t database, int by);

    std::vector<entry> entries_;
    std::vector<database_entry> databases_;
    keyed_lists by_tenant_;
    list_links database_links_, worker_links_;
    index_list by_age_;  // most recent first
    list_links age_links_;
    std::vector<index_list> by_count_;  // databases with N idle connections
    list_links count_links_;
    std::uint32_t highest_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace fairlead::dal

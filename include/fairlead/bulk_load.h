#pragma once

#include "fairlead/error.h"
#include "fairlead/result_set.h"
#include "fairlead/value.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

namespace fairlead {

namespace detail {
/// What is behind a BulkLoad.
class FAIRLEAD_API bulk_sink {
public:
    virtual ~bulk_sink();
    virtual void row(std::span<const Argument> values, Diagnostics& failed) = 0;
    virtual std::uint64_t finish(Diagnostics& failed) = 0;
};
}  // namespace detail

/// Many rows into one table, as fast as the engine takes them, the tenant forced: the tenant column is not
/// among the columns and is filled in by the library. PostgreSQL: COPY where the table is the tenant's own
/// (bridge, silo), wide INSERTs through the row policies on shared tables, since PostgreSQL refuses COPY FROM
/// under row security. MySQL: LOAD DATA LOCAL from memory, with the tenant as SET clause. All rows or none: a
/// load that is destroyed before finish() leaves nothing. Bounded memory.
///
/// Errors: UsageError for a number of values that is not the columns', or when the load is over; else those
/// of the statements it stands for, DataError and IntegrityError among them. After any of them the load is
/// undone and over. Threads: one at a time. Lifetime: holds a server connection from its first rows to its
/// end; a load in a transaction is over when that is. Movable.
///
///     BulkLoad load = acme.bulk_load("orders", {"id", "note"});
///     for (...) load.row(id, note);
///     load.finish();
class BulkLoad {
public:
    /// Made by the library.
    explicit BulkLoad(std::unique_ptr<detail::bulk_sink> sink) : sink_(std::move(sink)) {}

    /// One row: a value for each column, in their order. Rows are sent now and then, so a failure may be that
    /// of an earlier row. After a failure the load is over.
    template <typename... Values>
    void row(const Values&... values) {
        const std::array<Argument, sizeof...(Values)> arguments{Argument(values)...};
        add(arguments);
    }
    /// One row whose number of values is known only when the program runs.
    void add(std::span<const Argument> values) {
        Diagnostics failed;
        sink().row(values, failed);
        if (failed) throw_error(std::move(failed));
    }
    /// The same, not throwing.
    void add(Diagnostics& failed, std::span<const Argument> values) { sink().row(values, failed); }

    /// How many rows were loaded. After it, or after a failure, the load is over. OutcomeUnknown: the
    /// connection broke before the server had answered the COMMIT of a load that is no part of a transaction.
    std::uint64_t finish() {
        Diagnostics failed;
        const std::uint64_t rows = sink().finish(failed);
        if (failed) throw_error(std::move(failed));
        return rows;
    }
    /// The same, not throwing.
    std::uint64_t finish(Diagnostics& failed) { return sink().finish(failed); }

private:
    detail::bulk_sink& sink() {
        if (sink_ == nullptr) detail::fail_usage("the bulk load was moved from");
        return *sink_;
    }

    std::unique_ptr<detail::bulk_sink> sink_;
};

}  // namespace fairlead

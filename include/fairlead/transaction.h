#pragma once

#include "fairlead/batch.h"
#include "fairlead/bulk_load.h"
#include "fairlead/options.h"
#include "fairlead/statement.h"

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

namespace detail {
class transaction_impl;
}

/// A transaction on one server connection, which is lent to it from its first statement to its end. After an
/// error of the server in PostgreSQL only rollback() or a rollback to a savepoint is possible, as in
/// PostgreSQL itself.
///
/// Errors: those of Queries. After DeadlineExceeded, CallCancelled or ConnectionFailed it is over, and rolled
/// back; commit() may leave its outcome open (OutcomeUnknown). docs/library.md tells of statements at which
/// MySQL commits by itself. Threads: one at a time. Lifetime: destroyed without commit() it is rolled back;
/// it keeps the DataSource open. Streams and loads of it are over when it is. Movable.
class FAIRLEAD_API Transaction : public Queries<Transaction> {
public:
    /// Made by the library.
    explicit Transaction(std::unique_ptr<detail::transaction_impl> impl);
    Transaction(Transaction&&) noexcept;             ///< the other one can only be assigned to
    Transaction& operator=(Transaction&&) noexcept;  ///< rolls the own one back
    ~Transaction();                                  ///< rolls back what was not committed

    /// OutcomeUnknown: the connection broke before the server had answered COMMIT.
    void commit();
    /// The same, not throwing.
    void commit(Diagnostics& failed);
    /// Never fails: a connection that breaks has rolled back.
    void rollback() noexcept;
    /// Whether it can still be committed or rolled back.
    bool is_open() const noexcept;

    /// Runs `work`; if it throws, what it did is undone and the transaction goes on.
    template <typename Work>
    void savepoint(Work work) {
        const std::string name = open_savepoint();
        try {
            work(*this);
        } catch (...) {
            undo_savepoint(name);
            throw;
        }
        release_savepoint(name);
    }

    /// The batch as part of the transaction: one result for each statement.
    std::vector<ResultSet> run(const Batch& batch);
    /// The same, not throwing.
    std::vector<ResultSet> run(const Batch& batch, Diagnostics& failed);
    /// Many rows into `table`; see BulkLoad.
    BulkLoad bulk_load(std::string_view table, std::span<const std::string_view> columns);
    /// The same, with columns that are written down: {"id", "note"}.
    BulkLoad bulk_load(std::string_view table, std::initializer_list<std::string_view> columns) {
        return bulk_load(table, std::span(columns.begin(), columns.size()));
    }

private:
    friend class Queries<Transaction>;
    ResultSet run(const Statement& statement, Diagnostics& failed);
    RowStream open_stream(const Statement& statement, Diagnostics& failed);
    std::string open_savepoint();
    void undo_savepoint(const std::string& name) noexcept;
    void release_savepoint(const std::string& name);

    std::unique_ptr<detail::transaction_impl> impl_;
};

}  // namespace fairlead

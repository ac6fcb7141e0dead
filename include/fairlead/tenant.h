#pragma once

#include "fairlead/session.h"
#include "fairlead/transaction.h"

#include <chrono>
#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace fairlead {

namespace detail {
class tenant_impl;
/// Decides about another attempt of a transaction.
class FAIRLEAD_API attempts {
public:
    explicit attempts(const RetryPolicy& policy);
    /// How long to pause before the next attempt; nullopt: the policy has no more.
    std::optional<std::chrono::microseconds> next();
    /// True after the pause: again. False: the policy has no more.
    bool again();

private:
    RetryPolicy policy_;
    unsigned made_ = 1;
};
}  // namespace detail

/// One tenant of a DataSource: routes each call to where the tenant lives at that moment (pool, bridge or
/// silo), on a connection that is lent for the call and returned clean. Statements outside a transaction
/// commit by themselves.
///
/// Errors: those of Queries; ConfigurationError also when the tenant has gone with a reload, or its placement
/// is refused at the moment, and UsageError when this is an empty one. Threads: any number at once. Lifetime:
/// a handle, cheap to copy; keeps the DataSource open.
///
/// What a statement leaves in its session (SET, temporary tables) does not survive the call: use session().
class FAIRLEAD_API Tenant : public Queries<Tenant> {
public:
    /// Made by the library.
    explicit Tenant(std::shared_ptr<const detail::tenant_impl> impl);
    Tenant() = default;  ///< empty; only to be assigned to

    /// As in the tenant directory.
    const std::string& id() const;
    /// The same tenant with other options for its calls.
    Tenant with(CallOptions options) const;

    /// Not yet on the server: it begins with its first statement.
    Transaction begin(const TransactionOptions& options = {}) const;

    /// Runs `work(Transaction&)` and commits; rolls back when it throws. What `work` returns is returned.
    /// With a RetryPolicy `work` may run more than once: it must not have effects of its own.
    template <std::invocable<Transaction&> Work>
    auto transaction(Work work) const {
        return transaction(TransactionOptions(), std::move(work));
    }
    /// The same, with options.
    template <std::invocable<Transaction&> Work>
    auto transaction(const TransactionOptions& options, Work work) const {
        using Value = std::invoke_result_t<Work&, Transaction&>;
        for (detail::attempts attempts(options.retry);;) {
            Transaction tx = begin(options);
            try {
                if constexpr (std::is_void_v<Value>) {
                    work(tx);
                    return tx.commit();
                } else {
                    Value value = work(tx);
                    tx.commit();
                    return value;
                }
            } catch (const SerializationError&) {
                tx.rollback();
                if (!attempts.again()) throw;
            }
        }
    }

    /// A batch in a transaction of its own.
    std::vector<ResultSet> run(const Batch& batch) const;
    /// The same, not throwing.
    std::vector<ResultSet> run(const Batch& batch, Diagnostics& failed) const;
    /// Many rows into `table`; see BulkLoad.
    BulkLoad bulk_load(std::string_view table, std::span<const std::string_view> columns) const;
    /// The same, with columns that are written down: {"id", "note"}.
    BulkLoad bulk_load(std::string_view table, std::initializer_list<std::string_view> columns) const {
        return bulk_load(table, std::span(columns.begin(), columns.size()));
    }
    /// A connection kept for several calls that share session state.
    Session session() const;

    /// For the other headers of this library.
    const std::shared_ptr<const detail::tenant_impl>& impl() const { return impl_; }

private:
    friend class Queries<Tenant>;
    ResultSet run(const Statement& statement, Diagnostics& failed) const;
    RowStream open_stream(const Statement& statement, Diagnostics& failed) const;

    std::shared_ptr<const detail::tenant_impl> impl_;
};

}  // namespace fairlead

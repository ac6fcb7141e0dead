#pragma once

#include "dal/library/kept_calls.h"

#include <memory>
#include <string>

namespace fairlead::detail {

/// What is behind a Transaction.
class transaction_impl {
public:
    transaction_impl(std::shared_ptr<const tenant_impl> tenant, const TransactionOptions& options)
        : calls_(std::move(tenant), &options) {}
    /// Rolls back what was begun.
    ~transaction_impl() {
        if (calls_.known_connection() != nullptr) rollback();
    }
    transaction_impl(const transaction_impl&) = delete;
    transaction_impl& operator=(const transaction_impl&) = delete;

    kept_calls& calls() { return calls_; }

    void commit(Diagnostics& failed);
    void rollback() noexcept;
    bool is_open() const noexcept;

    std::string open_savepoint(Diagnostics& failed);
    void undo_savepoint(const std::string& name) noexcept;
    void release_savepoint(const std::string& name, Diagnostics& failed);

private:
    kept_calls calls_;
};

}  // namespace fairlead::detail

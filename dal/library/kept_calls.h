#pragma once

#include "dal/library/tenant_impl.h"
#include "dal/session/kept_connection.h"
#include "fairlead/batch.h"
#include "fairlead/result_set.h"
#include "fairlead/row_stream.h"
#include "fairlead/statement.h"

#include <memory>
#include <string>
#include <vector>

namespace fairlead::detail {

/// Views into `batch`.
std::vector<Statement> statements_of(const Batch& batch);

/// What transactions and sessions have in common: blocking calls of one tenant on a connection that is kept.
/// One thread at a time.
class kept_calls {
public:
    /// `transaction` null: a session.
    kept_calls(std::shared_ptr<const tenant_impl> tenant, const TransactionOptions* transaction)
        : tenant_(std::move(tenant)), is_transaction_(transaction != nullptr) {
        if (transaction != nullptr) options_ = *transaction;
    }

    ResultSet run(const Statement& statement, Diagnostics& failed);
    RowStream open_stream(const Statement& statement, Diagnostics& failed);
    std::vector<ResultSet> run(const Batch& batch, Diagnostics& failed);

    const tenant_impl& tenant() const { return *tenant_; }
    const std::shared_ptr<const tenant_impl>& shared_tenant() const { return tenant_; }
    /// Where the tenant lived at the first call; null: `failed` says why that is nowhere.
    std::shared_ptr<dal::kept_connection> connection(Diagnostics& failed);
    /// Null before the first call.
    const std::shared_ptr<dal::kept_connection>& known_connection() const { return connection_; }

private:
    const std::shared_ptr<const tenant_impl> tenant_;
    const bool is_transaction_;
    TransactionOptions options_;
    std::shared_ptr<dal::kept_connection> connection_;
};

}  // namespace fairlead::detail

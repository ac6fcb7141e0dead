#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"

#include <chrono>

namespace c_api = fairlead::dal::c_api;

namespace {

using fairlead::IsolationLevel;

IsolationLevel level_of(fairlead_isolation isolation) {
    switch (isolation) {
        case FAIRLEAD_SERVER_DEFAULT:
            return IsolationLevel::server_default;
        case FAIRLEAD_READ_UNCOMMITTED:
            return IsolationLevel::read_uncommitted;
        case FAIRLEAD_READ_COMMITTED:
            return IsolationLevel::read_committed;
        case FAIRLEAD_REPEATABLE_READ:
            return IsolationLevel::repeatable_read;
        case FAIRLEAD_SERIALIZABLE:
            return IsolationLevel::serializable;
    }
    fairlead::detail::fail_usage("an isolation level that does not exist");
}

fairlead::TransactionOptions options_of(const fairlead_transaction_options* given) {
    fairlead::TransactionOptions options;
    if (given == nullptr) return options;
    options.isolation = level_of(given->isolation);
    options.read_only = given->read_only;
    if (given->max_attempts != 0) options.retry.max_attempts = given->max_attempts;
    if (given->first_pause_ms != 0)
        options.retry.first_pause = std::chrono::milliseconds(given->first_pause_ms);
    if (given->longest_pause_ms != 0)
        options.retry.longest_pause = std::chrono::milliseconds(given->longest_pause_ms);
    return options;
}

/// Runs the caller's function; its error travels as the exception that the C++ interface rolls back for.
void run(fairlead_work work, fairlead::Transaction& transaction, void* data) {
    if (work == nullptr) fairlead::detail::fail_usage("work is NULL");
    fairlead_transaction lent(transaction);
    fairlead_error* failure = work(&lent, data);
    if (failure == nullptr) return;
    fairlead::Diagnostics diagnostics = failure->diagnostics;
    fairlead_error_free(failure);
    fairlead::throw_error(std::move(diagnostics));
}

}  // namespace

fairlead_transaction* fairlead_begin(fairlead_tenant* tenant, const fairlead_transaction_options* options,
                                     fairlead_error** error) {
    return c_api::guarded_handle<fairlead_transaction>(error, [&] {
        return c_api::needed(tenant, "fairlead_begin: tenant is NULL").tenant.begin(options_of(options));
    });
}

bool fairlead_transaction_is_open(const fairlead_transaction* transaction) {
    return transaction != nullptr && transaction->transaction.is_open();
}

fairlead_kind fairlead_commit(fairlead_transaction* transaction, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        c_api::needed(transaction, "fairlead_commit: transaction is NULL").transaction.commit();
    });
}

void fairlead_rollback(fairlead_transaction* transaction) {
    if (transaction != nullptr) transaction->transaction.rollback();
}

void fairlead_transaction_free(fairlead_transaction* transaction) {
    delete transaction;
}

fairlead_kind fairlead_savepoint(fairlead_transaction* transaction, fairlead_work work, void* data,
                                 fairlead_error** error) {
    return c_api::guarded(error, [&] {
        c_api::needed(transaction, "fairlead_savepoint: transaction is NULL")
            .transaction.savepoint([&](fairlead::Transaction& inside) { run(work, inside, data); });
    });
}

fairlead_kind fairlead_run_transaction(fairlead_tenant* tenant, const fairlead_transaction_options* options,
                                       fairlead_work work, void* data, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        c_api::needed(tenant, "fairlead_run_transaction: tenant is NULL")
            .tenant.transaction(options_of(options),
                                [&](fairlead::Transaction& inside) { run(work, inside, data); });
    });
}

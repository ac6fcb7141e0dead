#include "dal/c_api/boundary.h"
#include "dal/c_api/handles.h"
#include "dal/c_api/values.h"

namespace c_api = fairlead::dal::c_api;

namespace {

/// Gives the results to the caller: all of them or, where memory ends, none.
void hand_out(std::vector<fairlead::ResultSet> from, fairlead_result** to) {
    if (to == nullptr) return;
    std::vector<std::unique_ptr<fairlead_result>> made;
    made.reserve(from.size());
    for (fairlead::ResultSet& result : from)
        made.push_back(std::make_unique<fairlead_result>(fairlead_result{std::move(result)}));
    for (std::size_t i = 0; i < made.size(); ++i) to[i] = made[i].release();
}

}  // namespace

fairlead_batch* fairlead_batch_new(fairlead_error** error) {
    return c_api::guarded_handle<fairlead_batch>(error, [] { return fairlead_batch(); });
}

fairlead_kind fairlead_batch_add(fairlead_batch* batch, const char* sql, const fairlead_value* values,
                                 size_t count, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        const c_api::CallerStatement statement(sql, values, count);
        c_api::needed(batch, "fairlead_batch_add: batch is NULL")
            .batch.add(fairlead::BoundStatement(statement.view().sql, statement.view().arguments));
    });
}

size_t fairlead_batch_size(const fairlead_batch* batch) {
    return batch != nullptr ? batch->batch.size() : 0;
}

void fairlead_batch_free(fairlead_batch* batch) {
    delete batch;
}

fairlead_kind fairlead_run_batch(fairlead_tenant* tenant, const fairlead_batch* batch,
                                 fairlead_result** results, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        const auto& statements = c_api::needed(batch, "fairlead_run_batch: batch is NULL").batch;
        hand_out(c_api::needed(tenant, "fairlead_run_batch: tenant is NULL").tenant.run(statements), results);
    });
}

fairlead_kind fairlead_transaction_run_batch(fairlead_transaction* transaction, const fairlead_batch* batch,
                                             fairlead_result** results, fairlead_error** error) {
    return c_api::guarded(error, [&] {
        const auto& statements = c_api::needed(batch, "fairlead_transaction_run_batch: batch is NULL").batch;
        hand_out(c_api::needed(transaction, "fairlead_transaction_run_batch: transaction is NULL")
                     .transaction.run(statements),
                 results);
    });
}

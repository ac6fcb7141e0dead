#include "dal/async/call_work.h"

#include "dal/library/kept_calls.h"
#include "dal/session/batch_operation.h"
#include "dal/session/ending_operation.h"
#include "dal/session/statement_operation.h"
#include "dal/session/transaction_batch.h"

#include <utility>

namespace fairlead::dal {
namespace {

using fairlead::detail::async_outcome;

class statement_work final : public async_work {
public:
    statement_work(call_place place, BoundStatement statement)
        : place_(std::move(place)),
          statement_(std::move(statement)),
          operation_(place_.tenant->services(), *place_.home, place_.kept.get(), statement_.statement(),
                     place_.tenant->options()) {}

    Operation& operation() override { return operation_; }
    void collect(async_outcome& outcome) override { outcome.result = operation_.take_result(); }

private:
    const call_place place_;
    const BoundStatement statement_;
    statement_operation operation_;
};

class batch_work final : public async_work {
public:
    batch_work(call_place place, Batch batch)
        : place_(std::move(place)),
          batch_(std::move(batch)),
          operation_(place_.tenant->services(), *place_.home, place_.kept.get(),
                     fairlead::detail::statements_of(batch_), place_.tenant->options()) {}

    Operation& operation() override { return operation_; }
    void collect(async_outcome& outcome) override { outcome.results = operation_.take_results(); }

private:
    const call_place place_;
    const Batch batch_;
    batch_operation operation_;
};

class transaction_batch_work final : public async_work {
public:
    transaction_batch_work(call_place place, Batch batch)
        : place_(std::move(place)),
          batch_(std::move(batch)),
          operation_(place_.tenant->services(), place_.kept, fairlead::detail::statements_of(batch_),
                     place_.tenant->options()) {}

    Operation& operation() override { return operation_; }
    void collect(async_outcome& outcome) override { outcome.results = operation_.take_results(); }

private:
    const call_place place_;
    const Batch batch_;
    transaction_batch operation_;
};

class ending_work final : public async_work {
public:
    ending_work(call_place place, ending_operation::How how)
        : place_(std::move(place)), operation_(place_.kept, how, place_.tenant->options().timeout) {}

    Operation& operation() override { return operation_; }
    void collect(async_outcome&) override {}

private:
    const call_place place_;
    ending_operation operation_;
};

}  // namespace

std::unique_ptr<async_work> make_statement_work(call_place place, BoundStatement statement) {
    return std::make_unique<statement_work>(std::move(place), std::move(statement));
}

std::unique_ptr<async_work> make_batch_work(call_place place, Batch batch) {
    return std::make_unique<batch_work>(std::move(place), std::move(batch));
}

std::unique_ptr<async_work> make_transaction_batch_work(call_place place, Batch batch) {
    return std::make_unique<transaction_batch_work>(std::move(place), std::move(batch));
}

std::unique_ptr<async_work> make_commit_work(call_place place) {
    return std::make_unique<ending_work>(std::move(place), ending_operation::How::commit);
}

std::unique_ptr<async_work> make_rollback_work(call_place place) {
    return std::make_unique<ending_work>(std::move(place), ending_operation::How::rollback);
}

}  // namespace fairlead::dal

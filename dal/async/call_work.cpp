#include "dal/async/call_work.h"

#include "dal/library/kept_calls.h"
#include "dal/session/batch_operation.h"
#include "dal/session/statement_operation.h"
#include "dal/session/transaction_batch.h"

#include <type_traits>
#include <utility>

namespace fairlead::dal {
namespace {

using fairlead::detail::async_outcome;

void bring(statement_operation& from, async_outcome& to) {
    to.result = from.take_result();
}
void bring(batch_operation& from, async_outcome& to) {
    to.results = from.take_results();
}
void bring(transaction_batch& from, async_outcome& to) {
    to.results = from.take_results();
}
void bring(ending_operation&, async_outcome&) {}

/// An operation at its place, with what was given for it.
template <typename Operation, typename Given>
class work_of final : public async_work {
public:
    /// `make`: Operation of (const call_place&, const Given&), which may refer to both.
    template <typename Make>
    work_of(call_place place, Given given, const Make& make)
        : place_(std::move(place)), given_(std::move(given)), operation_(make(place_, given_)) {}

    dal::Operation& operation() override { return operation_; }
    void collect(async_outcome& outcome) override { bring(operation_, outcome); }

private:
    const call_place place_;
    const Given given_;
    Operation operation_;
};

template <typename Given, typename Make>
std::unique_ptr<async_work> make_work(call_place place, Given given, const Make& make) {
    using Operation = std::invoke_result_t<const Make&, const call_place&, const Given&>;
    return std::make_unique<work_of<Operation, Given>>(std::move(place), std::move(given), make);
}

}  // namespace

std::unique_ptr<async_work> make_statement_work(call_place place, BoundStatement statement) {
    return make_work(std::move(place), std::move(statement),
                     [](const call_place& at, const BoundStatement& given) {
                         return statement_operation(at.tenant->services(), *at.home, at.kept.get(),
                                                    given.statement(), at.tenant->options());
                     });
}

std::unique_ptr<async_work> make_batch_work(call_place place, Batch batch) {
    return make_work(std::move(place), std::move(batch), [](const call_place& at, const Batch& given) {
        return batch_operation(at.tenant->services(), *at.home, at.kept.get(),
                               fairlead::detail::statements_of(given), at.tenant->options());
    });
}

std::unique_ptr<async_work> make_transaction_batch_work(call_place place, Batch batch) {
    return make_work(std::move(place), std::move(batch), [](const call_place& at, const Batch& given) {
        return transaction_batch(at.tenant->services(), at.kept, fairlead::detail::statements_of(given),
                                 at.tenant->options());
    });
}

std::unique_ptr<async_work> make_ending_work(call_place place, ending_operation::How how) {
    return make_work(std::move(place), how, [](const call_place& at, ending_operation::How given) {
        return ending_operation(at.kept, given, at.tenant->options().timeout);
    });
}

}  // namespace fairlead::dal

#include "dal/async/async_transaction.h"

#include "dal/async/async_stream.h"
#include "dal/async/call_work.h"
#include "dal/library/kept_calls.h"

#include <utility>

namespace fairlead::dal {
namespace {

using Completion = async_call::Completion;

/// One call at a time: each holds the turn, and this.
class async_transaction final : public fairlead::detail::async_transaction_target,
                                public std::enable_shared_from_this<async_transaction> {
public:
    async_transaction(const call_origin& origin, const TransactionOptions& options)
        : async_transaction_target(origin.executor), origin_(origin), calls_(origin.tenant, &options) {}
    ~async_transaction() override;

    void execute(BoundStatement statement, Completion completion) override {
        start(std::move(completion),
              [&](call_place place) { return make_statement_work(std::move(place), std::move(statement)); });
    }
    void run(Batch batch, Completion completion) override;
    void stream(BoundStatement statement, Completion completion) override;
    void commit(Completion completion) override { start(std::move(completion), make_commit_work); }
    void rollback(Completion completion) override { start(std::move(completion), make_rollback_work); }

private:
    /// False: `completion` has got the failure.
    bool enter(call_place& place, Completion& completion);
    template <typename Make>
    void start(Completion completion, Make make) {
        call_place place;
        if (enter(place, completion)) origin_.start(make(std::move(place)), std::move(completion));
    }

    const call_origin origin_;
    const call_turn::flag flag_ = call_turn::make_flag();
    fairlead::detail::kept_calls calls_;
};

// Neither call nor stream is left: they would hold this. The keeper rolls back what is open.
async_transaction::~async_transaction() {
    const auto& kept = calls_.known_connection();
    if (kept != nullptr && kept->is_open()) kept->end("the transaction was dropped");
}

bool async_transaction::enter(call_place& place, Completion& completion) {
    place.turn = call_turn(flag_);
    if (!place.turn.held()) {
        call_origin::fail(std::move(completion), another_call_runs());
        return false;
    }
    Diagnostics failed;
    place.kept = calls_.connection(failed);
    if (place.kept == nullptr) {
        call_origin::fail(std::move(completion), std::move(failed));
        return false;
    }
    place.tenant = origin_.tenant;
    place.home = place.kept->home();
    place.owner = shared_from_this();
    return true;
}

void async_transaction::run(Batch batch, Completion completion) {
    if (batch.empty()) return call_origin::succeed(std::move(completion));
    start(std::move(completion),
          [&](call_place place) { return make_batch_work(std::move(place), std::move(batch)); });
}

void async_transaction::stream(BoundStatement statement, Completion completion) {
    call_place place;
    if (!enter(place, completion)) return;
    open_async_stream(origin_, std::move(place), flag_, std::move(statement), std::move(completion));
}

}  // namespace

std::shared_ptr<fairlead::detail::async_transaction_target> make_async_transaction(
    const call_origin& origin, const TransactionOptions& options) {
    return std::make_shared<async_transaction>(origin, options);
}

}  // namespace fairlead::dal

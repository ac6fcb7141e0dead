#include "dal/async/async_transaction.h"

#include "dal/async/async_load.h"
#include "dal/async/async_savepoint.h"
#include "dal/async/call_work.h"
#include "dal/async/kept_line.h"

#include <utility>

namespace fairlead::dal {
namespace {

using Completion = async_call::Completion;

class async_transaction final : public fairlead::detail::async_transaction_target {
public:
    async_transaction(const call_origin& origin, const TransactionOptions& options)
        : async_transaction_target(origin.executor), line_(std::make_shared<kept_line>(origin, &options)) {}

    void execute(BoundStatement statement, Completion completion) override {
        line_->execute(std::move(statement), std::move(completion));
    }
    void stream(BoundStatement statement, Completion completion) override {
        line_->stream(std::move(statement), std::move(completion));
    }
    void run(Batch batch, Completion completion) override;
    std::shared_ptr<fairlead::detail::async_load> bulk_load(std::string_view table,
                                                            std::span<const std::string_view> columns,
                                                            Diagnostics& failed) override {
        return open_async_load(line_, false, table, columns, failed);
    }
    void commit(Completion completion) override { end(ending_operation::How::commit, std::move(completion)); }
    void rollback(Completion completion) override {
        end(ending_operation::How::rollback, std::move(completion));
    }
    bool is_open() const override { return line_->is_open(); }
    std::shared_ptr<fairlead::detail::async_savepoint> savepoint() override {
        return make_async_savepoint(line_);
    }

private:
    void end(ending_operation::How how, Completion completion) {
        line_->start(std::move(completion),
                     [&](call_place place) { return make_ending_work(std::move(place), how); });
    }

    const std::shared_ptr<kept_line> line_;
};

void async_transaction::run(Batch batch, Completion completion) {
    if (batch.empty()) return call_origin::succeed(std::move(completion));
    line_->start(std::move(completion),
                 [&](call_place place) { return make_batch_work(std::move(place), std::move(batch)); });
}

}  // namespace

std::shared_ptr<fairlead::detail::async_transaction_target> make_async_transaction(
    const call_origin& origin, const TransactionOptions& options) {
    return std::make_shared<async_transaction>(origin, options);
}

}  // namespace fairlead::dal

#include "dal/library/kept_calls.h"

#include "dal/library/blocking_stream.h"
#include "dal/session/batch_operation.h"
#include "dal/session/begin_texts.h"
#include "dal/session/statement_operation.h"

#include <utility>

namespace fairlead::detail {

std::shared_ptr<dal::kept_connection> kept_calls::connection(Diagnostics& failed) {
    failed.clear();
    if (connection_ != nullptr) return connection_;
    auto home = tenant_->home(failed);
    if (home == nullptr) return nullptr;
    std::vector<std::string> begin;
    if (is_transaction_) begin = dal::begin_texts(home->engine(), options_);
    connection_ = std::make_shared<dal::kept_connection>(std::move(home), std::move(begin));
    return connection_;
}

ResultSet kept_calls::run(const Statement& statement, Diagnostics& failed) {
    const auto kept = connection(failed);
    if (kept == nullptr) return {};
    dal::statement_operation call(tenant_->services(), *kept->home(), kept.get(), statement,
                                  tenant_->options());
    tenant_->run(call, failed);
    return call.take_result();
}

RowStream kept_calls::open_stream(const Statement& statement, Diagnostics& failed) {
    const auto kept = connection(failed);
    if (kept == nullptr) return {};
    return open_blocking_stream(tenant_, kept->home(), kept, statement, failed);
}

std::vector<ResultSet> kept_calls::run(const Batch& batch, Diagnostics& failed) {
    const auto kept = connection(failed);
    if (kept == nullptr || batch.empty()) return {};
    dal::batch_operation call(tenant_->services(), *kept->home(), kept.get(), statements_of(batch),
                              tenant_->options());
    tenant_->run(call, failed);
    return call.take_results();
}

std::vector<Statement> statements_of(const Batch& batch) {
    std::vector<Statement> statements;
    for (const BoundStatement& entry : batch.entries()) statements.push_back(entry.statement());
    return statements;
}

}  // namespace fairlead::detail

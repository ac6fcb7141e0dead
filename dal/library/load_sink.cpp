#include "dal/library/load_sink.h"

#include "dal/library/load_round.h"
#include "dal/library/table_load.h"
#include "dal/session/run_blocking.h"

#include <utility>

namespace fairlead::detail {
namespace {

/// A load whose rows are sent on the calling thread.
class load_sink final : public bulk_sink {
public:
    load_sink(std::unique_ptr<table_load> load, const CallOptions& options)
        : load_(std::move(load)), options_(options) {}
    ~load_sink() override { undo(); }

    void row(std::span<const Argument> values, Diagnostics& failed) override;
    std::uint64_t finish(Diagnostics& failed) override;

private:
    void run(load_round::How how, Diagnostics& failed);
    void undo();

    const std::unique_ptr<table_load> load_;
    const CallOptions options_;
};

void load_sink::run(load_round::How how, Diagnostics& failed) {
    load_round round(*load_, how);
    dal::run_blocking(round, options_.stop);
    failed = round.failed();
}

void load_sink::undo() {
    if (load_->is_over()) return;
    load_round round(*load_, load_round::How::undo);
    dal::run_blocking(round, {});
}

void load_sink::row(std::span<const Argument> values, Diagnostics& failed) {
    load_->add(values, failed);
    if (failed) return undo();
    if (load_->is_full()) run(load_round::How::send, failed);
}

std::uint64_t load_sink::finish(Diagnostics& failed) {
    run(load_round::How::finish, failed);
    return failed ? 0 : load_->rows();
}

std::unique_ptr<bulk_sink> open_in(kept_calls& calls, bool own, std::string_view table,
                                   std::span<const std::string_view> columns, Diagnostics& failed) {
    auto kept = calls.connection(failed);
    if (kept == nullptr) return nullptr;
    auto load = table_load::open(calls.shared_tenant(), std::move(kept), own, table, columns, failed);
    if (load == nullptr) return nullptr;
    return std::make_unique<load_sink>(std::move(load), calls.tenant().options());
}

}  // namespace

std::unique_ptr<bulk_sink> open_load(std::shared_ptr<const tenant_impl> tenant, std::string_view table,
                                     std::span<const std::string_view> columns, Diagnostics& failed) {
    const TransactionOptions transaction;
    kept_calls calls(std::move(tenant), &transaction);
    return open_in(calls, true, table, columns, failed);
}

std::unique_ptr<bulk_sink> open_load(transaction_impl& transaction, std::string_view table,
                                     std::span<const std::string_view> columns, Diagnostics& failed) {
    return open_in(transaction.calls(), false, table, columns, failed);
}

}  // namespace fairlead::detail

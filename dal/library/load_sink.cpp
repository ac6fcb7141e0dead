#include "dal/library/load_sink.h"

#include "dal/library/row_buffer.h"
#include "dal/session/load_operation.h"
#include "dal/session/run_blocking.h"
#include "policy/mysql/bulk_load.h"
#include "policy/postgres/bulk_load.h"

#include <optional>
#include <utility>

namespace fairlead::detail {
namespace {

using policy::bulk_load;

Result<bulk_load> plan(const dal::tenant_home& home, std::string_view table,
                       std::span<const std::string_view> columns) {
    const dal::served_placement& served = home.placement->served;
    if (home.engine() == config::Engine::postgres)
        return policy::postgres::plan_bulk_load(*served.postgres.scope, home.place.own_schema, table,
                                                columns);
    return policy::mysql::plan_bulk_load(*served.mysql.scope, home.place.server_database, home.tenant(),
                                         table, columns);
}

class load_sink final : public bulk_sink {
public:
    /// `own`: the transaction when it is the load's own; else the load is a savepoint of `transaction`.
    load_sink(std::unique_ptr<transaction_impl> own, transaction_impl& transaction,
              std::shared_ptr<dal::kept_connection> kept, bulk_load load, std::size_t columns)
        : own_(std::move(own)),
          transaction_(transaction),
          kept_(std::move(kept)),
          load_(std::move(load)),
          buffer_(load_.how, kept_->home()->engine(), columns) {}
    ~load_sink() override {
        if (!over_) undo();
    }

    void begin(Diagnostics& failed);
    void row(std::span<const Argument> values, Diagnostics& failed) override;
    std::uint64_t finish(Diagnostics& failed) override;

private:
    bool may_go_on(Diagnostics& failed) const;
    void flush(Diagnostics& failed);
    void send_text(Diagnostics& failed);
    void send_inserts(Diagnostics& failed);
    void undo();

    const std::unique_ptr<transaction_impl> own_;
    transaction_impl& transaction_;
    const std::shared_ptr<dal::kept_connection> kept_;
    const bulk_load load_;
    row_buffer buffer_;
    std::string savepoint_;
    std::uint64_t rows_ = 0;
    bool over_ = false;
};

void load_sink::begin(Diagnostics& failed) {
    if (own_ == nullptr) savepoint_ = transaction_.open_savepoint(failed);
    if (failed) over_ = true;
}

void load_sink::undo() {
    over_ = true;
    if (own_ != nullptr) {
        own_->rollback();
    } else if (kept_->is_open()) {
        transaction_.undo_savepoint(savepoint_);
    }
}

bool load_sink::may_go_on(Diagnostics& failed) const {
    failed.clear();
    if (!over_) return true;
    failed.set(errc::usage);
    failed.message = "the bulk load is over";
    return false;
}

void load_sink::row(std::span<const Argument> values, Diagnostics& failed) {
    if (!may_go_on(failed)) return;
    buffer_.add(values, failed);
    if (!failed && buffer_.is_full()) flush(failed);
    if (failed) undo();
}

std::uint64_t load_sink::finish(Diagnostics& failed) {
    if (!may_go_on(failed)) return 0;
    if (!buffer_.empty()) flush(failed);
    if (failed) {
        undo();
        return 0;
    }
    over_ = true;
    if (own_ != nullptr) {
        own_->commit(failed);
    } else {
        transaction_.release_savepoint(savepoint_, failed);
    }
    return failed ? 0 : rows_;
}

void load_sink::flush(Diagnostics& failed) {
    if (load_.how == bulk_load::way::data) {
        send_text(failed);
    } else {
        send_inserts(failed);
    }
}

void load_sink::send_text(Diagnostics& failed) {
    const std::size_t given = buffer_.rows();
    std::string sql = load_.statement(buffer_.hexadecimal());
    const CallOptions& options = transaction_.calls().tenant().options();
    dal::load_operation call(*kept_, std::move(sql), buffer_.take_text(), options.timeout);
    dal::run_blocking(call, options.stop);
    failed = call.failed();
    if (!failed && call.rows() != given) {
        failed.set(errc::data);
        failed.message =
            "the server took " + std::to_string(call.rows()) + " of " + std::to_string(given) + " rows";
    }
    rows_ += call.rows();
}

void load_sink::send_inserts(Diagnostics& failed) {
    const std::string sql = load_.head + buffer_.placeholders();
    const ResultSet result = transaction_.calls().run({sql, buffer_.values()}, failed);
    rows_ += result.affected();
    buffer_.clear();
}

std::unique_ptr<bulk_sink> open_in(std::unique_ptr<transaction_impl> own, transaction_impl& transaction,
                                   std::string_view table, std::span<const std::string_view> columns,
                                   Diagnostics& failed) {
    auto kept = transaction.calls().connection(failed);
    if (kept == nullptr || !kept->may_run(failed)) return nullptr;
    auto load = plan(*kept->home(), table, columns);
    if (!load) {
        failed.set(errc::usage);
        failed.message = load.error().message;
        failed.hint = load.error().hint;
        return nullptr;
    }
    auto sink = std::make_unique<load_sink>(std::move(own), transaction, std::move(kept),
                                            std::move(load).value(), columns.size());
    sink->begin(failed);
    return sink;
}

}  // namespace

std::unique_ptr<bulk_sink> open_load(std::shared_ptr<const tenant_impl> tenant, std::string_view table,
                                     std::span<const std::string_view> columns, Diagnostics& failed) {
    auto own = std::make_unique<transaction_impl>(std::move(tenant), TransactionOptions());
    transaction_impl& transaction = *own;
    return open_in(std::move(own), transaction, table, columns, failed);
}

std::unique_ptr<bulk_sink> open_load(transaction_impl& transaction, std::string_view table,
                                     std::span<const std::string_view> columns, Diagnostics& failed) {
    return open_in(nullptr, transaction, table, columns, failed);
}

}  // namespace fairlead::detail

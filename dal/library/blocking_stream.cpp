#include "dal/library/blocking_stream.h"

#include "dal/session/drain_operation.h"
#include "dal/session/run_blocking.h"
#include "dal/session/stream_operation.h"

#include <utility>

namespace fairlead::detail {
namespace {

constexpr std::chrono::milliseconds drain_patience{1'000};

class blocking_stream final : public stream_source {
public:
    blocking_stream(std::shared_ptr<const tenant_impl> tenant, std::shared_ptr<const dal::tenant_home> home,
                    std::shared_ptr<dal::kept_connection> kept, const Statement& statement)
        : tenant_(std::move(tenant)),
          home_(std::move(home)),
          kept_(std::move(kept)),
          operation_(tenant_->services(), *home_, kept_.get(), statement, tenant_->options()) {}
    ~blocking_stream() override;

    void open(Diagnostics& failed) { tenant_->run(operation_, failed); }
    const result_data* next(Diagnostics& failed) override;

private:
    const std::shared_ptr<const tenant_impl> tenant_;
    const std::shared_ptr<const dal::tenant_home> home_;
    const std::shared_ptr<dal::kept_connection> kept_;
    dal::stream_operation operation_;
    bool first_ = true;
};

const result_data* blocking_stream::next(Diagnostics& failed) {
    failed.clear();
    if (std::exchange(first_, false)) return operation_.rows();
    if (operation_.rows() == nullptr) return nullptr;
    operation_.fetch();
    tenant_->run(operation_, failed);
    return operation_.rows();
}

// The rest of a stream that its transaction does not want is read and dropped, so that the transaction can go
// on; a rest that is too long costs it the transaction.
blocking_stream::~blocking_stream() {
    if (kept_ == nullptr || !kept_->is_streaming() || operation_.rows() == nullptr) return;
    dal::drain_operation rest(*kept_, drain_patience);
    dal::run_blocking(rest, {});
}

}  // namespace

RowStream open_blocking_stream(std::shared_ptr<const tenant_impl> tenant,
                               std::shared_ptr<const dal::tenant_home> home,
                               std::shared_ptr<dal::kept_connection> kept, const Statement& statement,
                               Diagnostics& failed) {
    auto source =
        std::make_unique<blocking_stream>(std::move(tenant), std::move(home), std::move(kept), statement);
    source->open(failed);
    if (failed) return {};
    return RowStream(std::move(source));
}

}  // namespace fairlead::detail

#include "dal/library/tenant_impl.h"

#include "dal/session/run_blocking.h"

#include <utility>

namespace fairlead::detail {

std::shared_ptr<const dal::tenant_home> tenant_impl::home(Diagnostics& failed) const {
    const std::uint64_t number = source_->estate().number();
    {
        std::lock_guard lock(mutex_);
        if (home_ != nullptr && home_->version->number == number) return home_;
    }
    auto found = dal::find_home(source_->estate().version(), id_, database_, failed);
    if (found == nullptr) return nullptr;
    std::shared_ptr<const dal::tenant_home>
        last;  // let go behind the lock: it may be the last of its version
    {
        std::lock_guard lock(mutex_);
        last = std::exchange(home_, found);
    }
    return found;
}

std::shared_ptr<const tenant_impl> tenant_impl::with(CallOptions options) const {
    return std::make_shared<tenant_impl>(source_, id_, database_, std::move(options));
}

void tenant_impl::run(dal::Operation& call, Diagnostics& failed) const {
    dal::run_blocking(call, options_.stop);
    if (call.failed()) failed = call.failed();
}

}  // namespace fairlead::detail

#include "dal/session/call_record.h"

namespace fairlead::dal {

void call_record::begin(call_services& services, const tenant_home& home, std::string_view sql) {
    counters_ = home.placement->counters.get();
    tracer_ = services.tracer.get();
    if (tracer_ == nullptr) return;
    start_.tenant = home.tenant();
    start_.placement = home.place.placement->name;
    start_.backend = home.place.backend->name;
    start_.sql = sql;
    start_.fingerprint = services.guard.fingerprint(home, sql);
    began_ = std::chrono::steady_clock::now();
    tracer_->before(start_);
}

void call_record::end(const Diagnostics& outcome, std::optional<std::chrono::nanoseconds> waited,
                      std::uint64_t rows) {
    if (counters_ == nullptr) return;
    counters_->count_statement(outcome.kind());
    if (waited) counters_->count_wait(*waited);
    counters_ = nullptr;
    if (tracer_ == nullptr) return;
    const auto duration = std::chrono::steady_clock::now() - began_;
    tracer_->after({start_, duration, waited.value_or(std::chrono::nanoseconds(0)), rows, outcome});
}

}  // namespace fairlead::dal

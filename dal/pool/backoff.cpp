#include "dal/pool/backoff.h"

#include <algorithm>

namespace fairlead::dal {

void backoff::failed(std::string_view error, TimePoint started, TimePoint now, random_source& random) {
    last_error_ = error;
    if (failing() && started < since_) return;
    const Duration full = std::min(first_delay * (1u << std::min(failures_, 8u)), longest_delay);
    const double shortened = static_cast<double>(full.count()) * (1.0 - 0.2 * random.fraction());
    ++failures_;
    since_ = now;
    retry_at_ = now + Duration(static_cast<Duration::rep>(shortened));
}

void backoff::succeeded() {
    failures_ = 0;
    last_error_.clear();
}

}  // namespace fairlead::dal

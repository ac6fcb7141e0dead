#include "fairlead/tenant.h"

#include <algorithm>
#include <random>
#include <thread>

namespace fairlead::detail {

attempts::attempts(const RetryPolicy& policy) : policy_(policy) {}

std::optional<std::chrono::microseconds> attempts::next() {
    if (made_ >= policy_.max_attempts) return std::nullopt;
    auto pause = policy_.first_pause;
    for (unsigned i = 1; i < made_ && pause < policy_.longest_pause; ++i) pause *= 2;
    pause = std::min(pause, policy_.longest_pause);
    ++made_;
    // Between half of it and all: those that collided must not come back together.
    std::random_device random;
    const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(pause.count() * 1000, 1));
    return std::chrono::microseconds(most / 2 + random() % (most / 2 + 1));
}

bool attempts::again() {
    const auto pause = next();
    if (pause) std::this_thread::sleep_for(*pause);
    return pause.has_value();
}

}  // namespace fairlead::detail

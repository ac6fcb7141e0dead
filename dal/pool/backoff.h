#pragma once

#include "dal/pool/backend_pool.h"
#include "dal/pool/random.h"

#include <string>
#include <string_view>

namespace fairlead::dal {

/// When the next login may be tried after failures: 250 ms, doubling up to 15 s, each shortened by up to 20 %
/// at random so that several proxies do not knock together. Any success ends it.
class backoff {
public:
    static constexpr Duration first_delay{250};
    static constexpr Duration longest_delay{15'000};

    /// A login that was begun at `started` failed. Logins begun before the present backoff belong to the same
    /// incident: they refresh the error text, but do not double the delay (four parallel failures are one
    /// failure).
    void failed(std::string_view error, TimePoint started, TimePoint now, random_source& random);
    void succeeded();

    /// There was a failure and no success since.
    bool failing() const { return failures_ != 0; }
    /// No login may be tried now.
    bool resting(TimePoint now) const { return failing() && now < retry_at_; }
    /// While failing, one login at a time probes the server: the others would only make a storm.
    bool may_try(TimePoint now, std::uint32_t in_flight) const {
        return !failing() || (now >= retry_at_ && in_flight == 0);
    }
    TimePoint retry_at() const { return retry_at_; }
    const std::string& last_error() const { return last_error_; }

private:
    unsigned failures_ = 0;
    TimePoint since_{};
    TimePoint retry_at_{};
    std::string last_error_;
};

}  // namespace fairlead::dal

#include "dal/estate/hit_ratio.h"

namespace fairlead::dal {

void HitRatio::observe(std::uint64_t hit, std::uint64_t read) {
    if (observed_) {
        const bool reset = hit < hit_ || read < read_;
        interval_hit_ = reset ? hit : hit - hit_;
        interval_read_ = reset ? read : read - read_;
    }
    observed_ = true;
    hit_ = hit;
    read_ = read;
}

std::optional<double> HitRatio::ratio(std::uint64_t hit, std::uint64_t read) {
    const double all = static_cast<double>(hit) + static_cast<double>(read);
    if (all == 0) return std::nullopt;
    return static_cast<double>(hit) / all;
}

}  // namespace fairlead::dal

#include "config/near_miss.h"

#include <algorithm>
#include <array>

namespace fairlead::config {

namespace {

constexpr std::size_t longest_compared = 80;  // bounds the cost for words that cannot be names anyway

/// Optimal string alignment distance: insert, delete, replace, swap of two neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    using Row = std::array<std::size_t, longest_compared + 1>;
    Row before_last{}, last{}, current{};
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                current[j] = std::min(current[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(current);
    }
    return last[b.size()];
}

}  // namespace

NearMiss::NearMiss(std::string_view word)
    : word_(word), best_distance_(std::max<std::size_t>(2, word.size() / 3 + 1)) {}

void NearMiss::offer(std::string_view candidate) {
    std::size_t longer = std::max(candidate.size(), word_.size());
    std::size_t gap = longer - std::min(candidate.size(), word_.size());
    if (gap >= best_distance_ || longer > longest_compared) return;
    std::size_t distance = edit_distance(word_, candidate);
    if (distance >= best_distance_ || distance == longer) return;
    best_distance_ = distance;
    best_ = candidate;
}

std::string NearMiss::text() const {
    return best_.empty() ? std::string() : ", did you mean \"" + best_ + "\"?";
}

}  // namespace fairlead::config

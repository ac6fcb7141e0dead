#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::config {

/// Finds the known word that a mistyped one most likely meant: feed every candidate to `offer`, then ask for
/// `text`. A word counts as near when at most a third of its letters differ (one or two edits for short
/// words; a swap of neighbours is one edit). Cost per candidate: O(length²), with an early way out when the
/// lengths differ too much.
class NearMiss {
public:
    explicit NearMiss(std::string_view word);

    void offer(std::string_view candidate);

    /// `, did you mean "pool_size"?` or nothing.
    std::string text() const;
    const std::string& best() const { return best_; }

private:
    std::string word_;
    std::string best_;
    std::size_t best_distance_;  // a candidate must be nearer than this
};

/// The same over a range of anything that converts to string_view.
template <typename Range>
std::string near_miss(std::string_view word, const Range& candidates) {
    NearMiss search(word);
    for (const auto& candidate : candidates) search.offer(candidate);
    return search.text();
}

}  // namespace fairlead::config

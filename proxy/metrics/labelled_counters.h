#pragma once

#include "proxy/metrics/counter.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::proxy::metrics {

/// Value of each label at one moment.
using label_samples = std::vector<std::pair<std::string, std::uint64_t>>;

/// Counters by a label that is known only when it occurs (rule ids, SQLSTATE classes). Meant for the rare
/// path: the look-up is a scan over the few labels there are. Bounded, since a server that sends rubbish as
/// SQLSTATE must not make series without end: what comes after `max_labels` is counted as "other". Writer's
/// thread only, reading included.
class labelled_counters {
public:
    explicit labelled_counters(std::size_t max_labels) : max_labels_(max_labels) {}

    void add(std::string_view label, std::uint64_t amount = 1) { find_or_add(label).add(amount); }

    label_samples sample() const {
        label_samples copy;
        copy.reserve(entries_.size());
        for (const entry& each : entries_) copy.emplace_back(each.label, each.total.value());
        return copy;
    }

private:
    struct entry {
        explicit entry(std::string_view text) : label(text) {}
        std::string label;
        counter total;
    };

    counter& find_or_add(std::string_view label) {
        for (entry& each : entries_) {
            if (each.label == label) return each.total;
        }
        if (entries_.size() >= max_labels_ && label != "other") return find_or_add("other");
        return entries_.emplace_back(label).total;
    }

    std::deque<entry> entries_;
    std::size_t max_labels_;
};

}  // namespace fairlead::proxy::metrics

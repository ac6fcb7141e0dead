#pragma once

#include "config/near_miss.h"
#include "config/validate/rules.h"

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::config::rules {

/// A mistake in one [[tenants]] or [[users]] block.
struct EntryReport {
    Report& report;
    std::string_view list;  // "tenants" or "users"
    const EntrySource& source;

    void mistake(Location at, std::string_view key, std::string message) const {
        report.mistake(at.given() ? at : source.block, key_of(list, source.index, key), std::move(message));
    }
};

/// Near-miss look-ups among all tenants cost milliseconds each, so a file in which everything is wrong gets
/// them for the first few mistakes only; that is where somebody reads them.
class Suggestions {
public:
    template <typename Entries, typename NameOf>
    std::string text(Location at, std::string_view word, const Entries& entries, NameOf name_of_entry) {
        if (at.from_environment || left_ == 0) return {};
        --left_;
        NearMiss search(word);
        for (const auto& entry : entries) search.offer(name_of_entry(entry));
        return search.text();
    }

private:
    unsigned left_ = 20;
};

}  // namespace fairlead::config::rules

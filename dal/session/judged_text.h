#pragma once

#include "policy/verdict.h"

#include <cstddef>
#include <memory>
#include <string>

namespace fairlead::dal {

/// What the guard says of one text. Immutable, shared by the calls that bring the text.
struct judged_text {
    policy::VerdictPtr verdict;  // never null
    std::string rewritten;       // what the server is sent instead; empty: the text itself
    std::size_t sent_hash = 0;   // std::hash of what the server is sent
    bool is_plain = false;       // may be called and leaves no state (call_rules.h), as most
};

using judged_ptr = std::shared_ptr<const judged_text>;

}  // namespace fairlead::dal

#pragma once

#include <cstdio>
#include <cstdlib>

namespace fairlead::fuzz {

/// Ends the run with a word on what did not hold.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "property does not hold: %s\n", what);
    std::abort();
}

}  // namespace fairlead::fuzz

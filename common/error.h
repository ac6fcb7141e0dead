#pragma once

#include <string>

namespace fairlead {

/// What went wrong, in the words a person needs: `message` starts with what happened, `hint` says which
/// setting, rule or command to look at (may be empty). Values, never thrown below the public API.
struct Error {
    std::string message;
    std::string hint;
};

}  // namespace fairlead

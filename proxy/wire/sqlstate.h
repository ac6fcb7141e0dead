#pragma once

#include <algorithm>
#include <string_view>

namespace fairlead::proxy {

/// Five letters and digits. What a server or a peer gives goes to log lines and other peers only if it is
/// one.
inline bool is_sqlstate(std::string_view code) {
    return code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
           });
}

}  // namespace fairlead::proxy

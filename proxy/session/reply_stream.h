#pragma once

#include <cstdint>

namespace fairlead::proxy {

/// Where in a streamed body the server's side of a link is. Belongs to the server connection; goes on being
/// used while the connection is cleaned.
struct reply_stream {
    std::uint64_t remaining = 0;
    bool forwarding = false;
};

}  // namespace fairlead::proxy

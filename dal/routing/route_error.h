#pragma once

#include <string>

namespace fairlead::dal {

/// Why a client is not led anywhere, ready for an ErrorResponse or ERR packet.
struct route_error {
    std::string sqlstate;  // 28000: who it is; 3D000 (42000 on MySQL): where it goes
    std::string message;
    std::string hint;
};

}  // namespace fairlead::dal

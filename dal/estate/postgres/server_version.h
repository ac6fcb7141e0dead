#pragma once

#include <cstdint>
#include <string>

namespace fairlead::dal::postgres {

/// Whether this server version (150020 is 15.20) has the fixes without which row policies were bypassed
/// (floor: 14.25, 15.20, 16.16, 17.12, 18.7; newer majors pass). `lowered_to`: the backend's
/// minimum_server_version, by which an operator accepts less by name; 0 when not set.
bool meets_security_floor(std::uint32_t version, std::uint32_t lowered_to);

/// "15.20"
std::string version_text(std::uint32_t version);
/// The floor of the same major, or the oldest one.
std::uint32_t security_floor(std::uint32_t version);

}  // namespace fairlead::dal::postgres

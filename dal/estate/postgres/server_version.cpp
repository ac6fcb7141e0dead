#include "dal/estate/postgres/server_version.h"

#include <array>

namespace fairlead::dal::postgres {
namespace {

constexpr std::array<std::uint32_t, 5> floors{140025, 150020, 160016, 170012, 180007};

}  // namespace

std::uint32_t security_floor(std::uint32_t version) {
    for (std::uint32_t floor : floors) {
        if (version / 10'000 == floor / 10'000) return floor;
    }
    return version < floors.front() ? floors.front() : floors.back();
}

bool meets_security_floor(std::uint32_t version, std::uint32_t lowered_to) {
    if (lowered_to != 0 && version >= lowered_to) return true;
    return version >= security_floor(version);
}

std::string version_text(std::uint32_t version) {
    return std::to_string(version / 10'000) + "." + std::to_string(version % 10'000);
}

}  // namespace fairlead::dal::postgres

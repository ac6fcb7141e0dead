#include "dal/estate/mysql/server_version.h"

namespace fairlead::dal::mysql {

using policy::mysql::flavour;

std::string version_text(std::uint32_t version) {
    return std::to_string(version / 10'000) + "." + std::to_string(version / 100 % 100) + "." +
           std::to_string(version % 100);
}

std::string product_name(flavour server) {
    return server == flavour::mariadb ? "MariaDB" : "MySQL";
}

std::uint32_t version_floor(flavour server) {
    return server == flavour::mariadb ? 101'100 : 80'019;
}

bool meets_version_floor(flavour server, std::uint32_t version, std::uint32_t lowered_to) {
    if (lowered_to != 0 && version >= lowered_to) return true;
    return version >= version_floor(server);
}

}  // namespace fairlead::dal::mysql

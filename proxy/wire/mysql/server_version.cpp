#include "proxy/wire/mysql/server_version.h"

#include <array>
#include <charconv>

namespace fairlead::proxy::mysql {
namespace {

constexpr std::string_view old_replica_prefix = "5.5.5-";
constexpr std::string_view mariadb = "MariaDB";

bool names_mariadb(std::string_view text) {
    return text.find(mariadb) != std::string_view::npos || text.find("mariadb") != std::string_view::npos;
}

}  // namespace

std::optional<server_version> parse_server_version(std::string_view version, std::string_view comment) {
    bool is_mariadb = names_mariadb(version) || names_mariadb(comment);
    if (is_mariadb && version.starts_with(old_replica_prefix))
        version.remove_prefix(old_replica_prefix.size());
    std::array<std::uint32_t, 3> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i != 0) {
            if (!version.starts_with('.')) return std::nullopt;
            version.remove_prefix(1);
        }
        auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), parts[i]);
        if (error != std::errc() || parts[i] > 99) return std::nullopt;
        version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    }
    return server_version{is_mariadb ? policy::mysql::flavour::mariadb : policy::mysql::flavour::mysql,
                          parts[0] * 10'000 + parts[1] * 100 + parts[2]};
}

}  // namespace fairlead::proxy::mysql

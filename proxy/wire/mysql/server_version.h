#pragma once

#include "policy/mysql/lex_mode.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::proxy::mysql {

struct server_version {
    policy::mysql::flavour flavour = policy::mysql::flavour::mariadb;
    std::uint32_t number = 0;  // 101119 is 10.11.19

    bool operator==(const server_version&) const = default;
};

/// From @@version, or the greeting's version, which may begin with MariaDB's "5.5.5-"; and @@version_comment,
/// where known. nullopt: not three numbers joined by dots; how such a server reads texts is not known.
std::optional<server_version> parse_server_version(std::string_view version, std::string_view comment = {});

}  // namespace fairlead::proxy::mysql

#pragma once

#include "policy/mysql/lex_mode.h"

#include <cstdint>
#include <string>

/// Versions are as the server's protocol numbers them: 101119 is 10.11.19.
namespace fairlead::dal::mysql {

/// "10.11.19"
std::string version_text(std::uint32_t version);
/// "MariaDB" or "MySQL"
std::string product_name(policy::mysql::flavour flavour);

/// The oldest version whose lexing, comparing and dictionary are those that the row filters were measured
/// with.
std::uint32_t version_floor(policy::mysql::flavour flavour);
/// `lowered_to`: the backend's minimum_server_version, by which an operator accepts less by name; 0 when not
/// set.
bool meets_version_floor(policy::mysql::flavour flavour, std::uint32_t version, std::uint32_t lowered_to);

}  // namespace fairlead::dal::mysql

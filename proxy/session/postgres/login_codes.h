#pragma once

#include <cstdint>
#include <string_view>

/// What the logins to both sides speak with.
namespace fairlead::proxy::postgres {

/// The code of an 'R' message
/// (https://www.postgresql.org/docs/15/protocol-message-formats.html).
enum authentication_code : std::uint32_t {
    authentication_ok = 0,
    authentication_cleartext = 3,
    authentication_md5 = 5,
    authentication_sasl = 10,
    authentication_sasl_continue = 11,
    authentication_sasl_final = 12,
};

namespace sqlstates {
inline constexpr std::string_view cannot_connect = "08001";
inline constexpr std::string_view protocol_violation = "08P01";
inline constexpr std::string_view not_supported = "0A000";
inline constexpr std::string_view invalid_authorization = "28000";
inline constexpr std::string_view invalid_password = "28P01";
}  // namespace sqlstates

}  // namespace fairlead::proxy::postgres

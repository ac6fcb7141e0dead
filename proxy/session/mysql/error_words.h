#pragma once

#include "policy/verdict.h"
#include "proxy/session/client_error.h"
#include "proxy/wire/mysql/err_packet.h"

#include <cstdint>
#include <string>
#include <string_view>

/// What clients read when something fails.
namespace fairlead::proxy::mysql {

/// "fairlead: <message> (<hint>) [rule <id>]"
std::string refusal_text(const policy::Refusal& refusal);

/// What drivers expect: 1064 where the server itself would not read the text (or reads it as several
/// statements, which this client may not send), else 1235.
error_number number_of(const policy::Refusal& refusal);

/// The number and SQLSTATE that belong to an error of ours.
error_number number_of(const client_error& error);
std::string text_of(const client_error& error);

/// A server's message as tenants of shared tables may see it: texts that may carry a row's values lose them
/// (I6), number and SQLSTATE stay. Texts pass as they are only for numbers that are known to carry none.
std::string masked_message(std::uint16_t code, std::string_view message);

}  // namespace fairlead::proxy::mysql

#pragma once

#include "dal/driver/connect_options.h"
#include "dal/driver/postgres/handles.h"

#include <string>

namespace fairlead::dal::postgres {

/// PQconnectStartParams with everything that the options say. Null: no memory. `host_name`: what a
/// certificate must bear and SNI says, when `options.host` is an address that the caller has looked up;
/// empty: libpq looks up `options.host` itself, which blocks.
///
/// A server that may be somebody else's: libpq 15 sends the password in clear text to whoever asks for it
/// so (it has no require_auth); what protects it is tls.mode = "verify-full". GSS is not offered.
ConnectionHandle start_connecting(const ConnectOptions& options, const std::string& host_name = {});

/// libpq's messages end in line breaks and have some within. null: empty.
std::string one_line(const char* text);

}  // namespace fairlead::dal::postgres

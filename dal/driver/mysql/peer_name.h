#pragma once

#include <string>

struct st_mysql;

namespace fairlead::dal::mysql {

enum class peer_verdict { not_yet, right, wrong };

/// Whether the server's certificate is for `name` (a host name, or an address in text). For connections made
/// to an address that was looked up: the library compares only with what it connected to. May be asked while
/// the login still runs; `not_yet`: there is no certificate so far.
peer_verdict check_peer_name(st_mysql* connection, const std::string& name);

}  // namespace fairlead::dal::mysql

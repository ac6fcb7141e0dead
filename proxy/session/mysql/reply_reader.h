#pragma once

#include "proxy/session/mysql/client_session.h"
#include "proxy/session/reply_stream.h"
#include "proxy/wire/mysql/err_packet.h"
#include "proxy/wire/mysql/ok_packet.h"
#include "proxy/wire/mysql/packet.h"

namespace fairlead::proxy::mysql {

using proxy::reply_stream;

/// Reads what a server says, decides what of it the client gets, re-encodes it where the two sides negotiated
/// different things, and keeps both sessions' state. Made for one call; `client` null: the connection is
/// being cleaned and nobody listens. Sans-I/O.
class reply_reader {
public:
    reply_reader(server_session& server, client_session* client, session_observer& observer,
                 outgoing& to_client, outgoing& to_server)
        : server_(server),
          client_(client),
          observer_(observer),
          to_client_(to_client),
          to_server_(to_server) {}

    server_step read(Bytes input, reply_stream& stream);

private:
    enum class outcome : std::uint8_t { go_on, incomplete, release, broken };

    server_session& server_;
    client_session* client_;
    session_observer& observer_;
    outgoing& to_client_;
    outgoing& to_server_;
};

}  // namespace fairlead::proxy::mysql

#pragma once

#include <cstddef>
#include <cstdint>

namespace fairlead::proxy {

/// What the caller of a client session has to do next.
enum class client_next : std::uint8_t {
    read_more,    // give more bytes of the client when they come
    need_link,    // lend a server connection, call on_linked(), then on_client() again with what was not
                  // consumed
    wait_server,  // client bytes must wait until the server has answered
    set_tenant,   // between transactions the client named another tenant: see requested_tenant()
    go_on,        // write what is there, then call again
    change_user,  // MySQL: the client logs in anew on this connection; give its bytes to a login
    kill,         // MySQL: stop what another client does: see kill_request(); answer with finish_kill()
    close,        // after writing what is there; the client left or broke the protocol
};
struct client_step {
    client_next what;
    std::size_t consumed;
};

/// What the caller has to do next with a server connection.
enum class server_next : std::uint8_t {
    read_more,
    release,  // the transaction is over and nothing is outstanding: take the link back (also see pinned())
    broken,   // the server connection must be closed
};
struct server_step {
    server_next what;
    std::size_t consumed;
};

}  // namespace fairlead::proxy

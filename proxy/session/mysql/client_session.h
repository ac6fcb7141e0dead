#pragma once

#include "proxy/session/client_error.h"
#include "proxy/session/mysql/placement_scope.h"
#include "proxy/session/mysql/server_session.h"
#include "proxy/session/mysql/statement_judge.h"
#include "proxy/session/observer.h"
#include "proxy/session/step.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace fairlead::proxy::mysql {

/// What the sessions of one worker share.
struct session_services {
    statement_judge& judge;
    statement_registry& statements;
    std::uint64_t max_statement_bytes = 1 << 20;
    std::uint32_t max_client_statements = 1000;
    std::string text{};  // room for the statement that is being sent
};

/// Who the session belongs to and where it lives.
struct session_identity {
    std::string tenant;
    std::string database;             // on the server
    std::string exposed;              // the name by which the client knows it; may be the same
    std::uint32_t connection_id = 0;  // as the handshake told the client
    const placement_slot* slot = nullptr;
};

/// KILL of one of our ids; never a server's thread id.
struct kill_request {
    std::uint64_t connection_id = 0;
    bool query_only = false;
};

/// One client in the command phase. Sans-I/O: takes bytes of the client and of its server connection, says
/// what to write to whom. The caller owns sockets, pooling, compression and time. Not thread-safe.
class client_session {
public:
    /// `capabilities`: as negotiated with this client. `startup_settings`: what the login said, from
    /// startup_settings() (session_settings.h).
    client_session(session_services& services, session_identity identity, session_observer& observer,
                   capability_set capabilities, settings_ptr startup_settings);

    client_step on_client(Bytes input, server_session* server, outgoing& to_client, outgoing& to_server);
    /// A connection was lent. Sends nothing: this client's state goes out together with its command.
    void on_linked(server_session& server, outgoing& to_server);
    /// The link is gone (released, or the server died).
    void on_unlinked();

    /// No link could be had: the command at the front of `input` that asked for it gets `error`. Returns how
    /// much of the input is done with.
    std::size_t fail_waiting(Bytes input, const client_error& error, outgoing& to_client);

    bool pinned() const { return pin() != policy::Pin::none; }
    policy::Pin pin() const;
    const session_identity& identity() const { return identity_; }

    const std::string& requested_tenant() const { return requested_tenant_; }
    /// Another tenant from now on; everything of the session is reset.
    void change_identity(session_identity identity);
    /// Answers the SET @fairlead_tenant that asked for it.
    void finish_set_tenant(outgoing& to_client);
    void reject_set_tenant(const client_error& error, outgoing& to_client);

    const kill_request& requested_kill() const { return requested_kill_; }
    /// `found`: there is such a connection and it is of the same tenant.
    void finish_kill(bool found, outgoing& to_client);

private:
    friend class reply_reader;

    session_services& services_;
    session_observer& observer_;
    session_identity identity_;
    capability_set capabilities_;
    settings_ptr startup_;
    settings_ptr settings_;
    std::string requested_tenant_;
    kill_request requested_kill_;
};

/// An error of ours as an ERR packet with this sequence id: for a connection that ends, a login that waits.
void append_client_error(std::string& out, std::uint8_t sequence, const client_error& error);

}  // namespace fairlead::proxy::mysql

#pragma once

#include "proxy/session/postgres/client_session.h"
#include "proxy/session/reply_stream.h"

namespace fairlead::proxy::postgres {

using proxy::reply_stream;

/// Reads what a server says, decides what of it the client gets, and keeps both sessions' state. Made for one
/// call; `client` null: the connection is being cleaned and nobody listens. Sans-I/O.
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

    std::size_t context_answer(Bytes available);
    outcome message(const FrameHeader& header, Bytes available, reply_stream& stream);
    outcome whole_message(const FrameHeader& header, Bytes message);
    void start_stream(const FrameHeader& header, Bytes available, reply_stream& stream);
    outcome on_ready(Bytes message);
    outcome on_error(Bytes message);
    outcome on_command_complete(Bytes message);
    outcome on_parameter_status(Bytes message);
    outcome on_copy_in(Bytes message);
    outcome pop(reply_kind kind, Bytes message);
    outcome finish_execute(Bytes message);
    void end_segment();
    void skip_to_sync();
    void forget(const expectation& skipped);
    void flush_fakes();
    void forward(Bytes bytes) {
        if (forwarding_now()) to_client_.slice(bytes);
    }
    bool forwarding_now() const {
        return client_ != nullptr && (server_.expected.empty() || !server_.expected.front().own());
    }
    bool front_is(reply_kind kind) const {
        return !server_.expected.empty() && server_.expected.front().kind == kind;
    }

    server_session& server_;
    client_session* client_;
    session_observer& observer_;
    outgoing& to_client_;
    outgoing& to_server_;
};

}  // namespace fairlead::proxy::postgres

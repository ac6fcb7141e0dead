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
    /// A packet that begins a message, and what there is of it.
    struct packet {
        const packet_header& header;
        Bytes available;
        std::uint8_t first;  // byte of the payload
        bool whole() const { return available.size() >= header.total(); }
        Bytes payload() const { return available.subspan(packet_header_size, header.length); }
    };

    // reply_reader.cpp: which packet, in which state
    outcome on_packet(const packet& p, reply_stream& stream);
    outcome on_first(const packet& p, reply_stream& stream);
    outcome on_column(const packet& p, reply_stream& stream);
    outcome on_row(const packet& p, reply_stream& stream);
    outcome keep_row(const packet& p, reply_stream& stream);
    void pass(const packet& p, reply_stream& stream, bool forward);
    void pass_packet(const packet_header& header, Bytes available, reply_stream& stream);
    std::uint8_t client_sequence(std::uint8_t sequence);
    void say_due_eof(std::uint8_t sequence);

    // reply_ends.cpp: what ends a result or an answer
    outcome on_ok(const packet& p);
    outcome on_end_of_rows(const packet& p);
    outcome end_result(const ok_packet& ok);
    outcome on_own_ok(const ok_packet& ok);
    outcome on_error(const packet& p);
    outcome on_missed(const packet& p, const err_packet& err);
    outcome on_infile(const packet& p);
    outcome on_prepared();
    outcome finish(const ok_packet* ok);
    outcome finish_own(const err_packet* err);
    outcome ask_again(own_purpose purpose);
    void forward_ok(const packet& p, const ok_packet& ok, bool behind_rows);
    void say_error(std::uint8_t sequence, const err_packet& err);
    std::string state_for_client(const ok_packet& ok) const;

    expectation& front() { return server_.expected.front(); }
    bool for_client() const {
        return client_ != nullptr && !server_.expected.front().own() &&
               server_.expected.front().own_results == 0;
    }

    server_session& server_;
    client_session* client_;
    session_observer& observer_;
    outgoing& to_client_;
    outgoing& to_server_;
};

}  // namespace fairlead::proxy::mysql

// The readers of single packets, the packet stream and the compressed protocol, on any bytes.
// Input: byte 0 chooses what reads, byte 1 the size of the pieces, the rest is what comes.
#include "proxy/wire/mysql/compression.h"
#include "proxy/wire/mysql/err_packet.h"
#include "proxy/wire/mysql/handshake.h"
#include "proxy/wire/mysql/ok_packet.h"
#include "proxy/wire/mysql/packet.h"
#include "proxy/wire/mysql/result_set.h"
#include "proxy/wire/mysql/server_version.h"
#include "proxy/wire/mysql/session_track.h"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace fairlead;
using namespace fairlead::proxy::mysql;

void require(bool holds) {
    if (!holds) std::abort();
}

bool within(std::string_view inner, Bytes outer) {
    return inner.empty() || (inner.data() >= as_text(outer).data() &&
                             inner.data() + inner.size() <= as_text(outer).data() + outer.size());
}

/// Whatever is parsed points into the packet, and what is built from it is parsed to the same.
void read_answers(Bytes payload) {
    for (capability_set capabilities : {capability_set{0}, capability::session_track}) {
        auto ok = parse_ok(payload, capabilities);
        if (!ok) continue;
        require(within(ok->info, payload) && within(ok->session_state, payload));
        session_change_reader reader(as_bytes(ok->session_state));
        std::size_t entries = 0;
        while (auto entry = reader.next()) {
            require(within(entry->name, payload) && within(entry->value, payload));
            require(++entries <= payload.size());
        }
        std::string built;
        std::uint8_t sequence = 0;
        append_ok(built, sequence, *ok, capabilities);
        auto again = parse_ok(as_bytes(built).subspan(packet_header_size), capabilities);
        require(again && again->affected_rows == ok->affected_rows && again->info == ok->info &&
                again->session_state == ok->session_state);
    }
    if (auto err = parse_err(payload)) require(within(err->message, payload) && err->sqlstate.size() == 5);
    require(!(is_progress(payload) && parse_err(payload)));
    (void)parse_eof(payload);
    (void)parse_column(payload);
    std::size_t columns = payload.empty() ? 0 : payload[0];
    if (auto row = parse_text_row(payload, columns)) {
        std::string built;
        std::uint8_t sequence = 0;
        append_text_row(built, sequence, *row);
        require(parse_text_row(as_bytes(built).subspan(packet_header_size), columns) == row);
    }
    (void)parse_server_version(as_text(payload));
}

void read_logins(Bytes payload) {
    (void)parse_greeting(payload);
    (void)parse_auth_switch(payload);
    (void)is_ssl_request(payload);
    capability_set offered = offered_to_clients(fairlead::policy::mysql::flavour::mariadb, true);
    if (auto request = parse_change_user(payload, offered)) require(request->user.size() < payload.size());
    auto response = parse_handshake_response(payload, offered);
    if (!response) return;
    response->capabilities &= offered;
    std::string built;
    std::uint8_t sequence = 0;
    append_handshake_response(built, sequence, *response);
    auto again = parse_handshake_response(as_bytes(built).subspan(packet_header_size), offered);
    require(again && again->user == response->user && again->auth_response == response->auth_response &&
            again->plugin == response->plugin && again->attributes == response->attributes);
}

void read_stream(Bytes input, std::size_t piece) {
    packet_stream stream;
    std::string buffered, forwarded;
    for (Bytes rest = input; !rest.empty();) {
        Bytes part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        buffered += as_text(part);
        Bytes unread = as_bytes(buffered);
        while (auto read = stream.next(unread)) forwarded += as_text(read->raw);
        require(unread.size() < packet_header_size);
        buffered.erase(0, buffered.size() - unread.size());
    }
    require(forwarded + buffered == as_text(input));
}

void read_frames(Bytes input, std::size_t piece, compression_method method) {
    constexpr std::size_t max_output = 4096;
    frame_codec codec({method, 3});
    std::string buffered;
    std::size_t steps = 0;
    for (Bytes rest = input; !rest.empty();) {
        Bytes part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        buffered += as_text(part);
        for (;;) {
            std::string out;
            frame_codec::step step = codec.read(as_bytes(buffered), out, max_output);
            require(out.size() <= max_output && step.consumed <= buffered.size());
            buffered.erase(0, step.consumed);
            if (step.what == frame_codec::status::malformed) return;
            if (step.what == frame_codec::status::need_input) break;
            if (++steps > 2000) return;  // a bomb: it may go on to 16 MB a frame
        }
        require(buffered.size() < compressed_header_size);
    }
}

void pack_and_unpack(Bytes input, std::size_t piece, compression_method method) {
    compression_workspace workspace;
    frame_codec writer({method, 1}), reader({method, 1});
    std::string packed, plain;
    for (Bytes rest = input; !rest.empty();) {
        Bytes part = rest.first(std::min(piece * 16, rest.size()));
        rest = rest.subspan(part.size());
        require(writer.append(packed, part, workspace));
    }
    require(reader.read(as_bytes(packed), plain, input.size() + 1).what == frame_codec::status::need_input);
    require(plain == as_text(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    std::size_t piece = data[1] == 0 ? size : data[1];
    Bytes input(data + 2, size - 2);
    switch (data[0] % 7) {
        case 0:
            read_answers(input);
            break;
        case 1:
            read_logins(input);
            break;
        case 2:
            read_stream(input, piece);
            break;
        case 3:
        case 4:
            read_frames(input, piece, data[0] % 7 == 3 ? compression_method::zlib : compression_method::zstd);
            break;
        default:
            pack_and_unpack(input, piece,
                            data[0] % 7 == 5 ? compression_method::zlib : compression_method::zstd);
    }
    return 0;
}

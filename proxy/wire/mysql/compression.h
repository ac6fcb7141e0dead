#pragma once

#include "common/bytes.h"
#include "proxy/wire/mysql/capabilities.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

/// The compressed protocol
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression.html): the stream of
/// packets cut into frames of three bytes length, one of sequence, three of the length before compression (0:
/// stored as it is). Frames and packets have nothing to do with each other's borders. Bytes in, bytes out.
namespace fairlead::proxy::mysql {

enum class compression_method : std::uint8_t { none, zlib, zstd };

struct compression_choice {
    compression_method method = compression_method::none;
    int level = 0;  // zstd: 1 to 22
};
/// What client and server agreed on: zlib where both have it, as servers decide. `zstd_level` as the client
/// said it; out of range means 3, the default.
compression_choice choose_compression(capability_set agreed, std::uint8_t zstd_level);

inline constexpr std::size_t compressed_header_size = 7;

/// Memory of the libraries for making frames (about 270 KB zlib, up to some MB zstd at high levels). One a
/// worker serves all its connections: nothing of one call is left for the next.
class compression_workspace {
public:
    compression_workspace();
    ~compression_workspace();
    compression_workspace(const compression_workspace&) = delete;
    compression_workspace& operator=(const compression_workspace&) = delete;

    /// Replaces `into`. False: the library failed (memory).
    bool compress(compression_choice choice, Bytes plain, std::string& into);

private:
    struct libraries;
    std::unique_ptr<libraries> libraries_;
};

/// The frames of one connection, both ways, under one sequence id. What comes may be cut anywhere; a frame is
/// unpacked as it comes, and no more than was asked
/// for at a time, so neither a bomb nor half a frame costs memory; what a frame unpacks to must be exactly
/// what it declares.
class frame_codec {
public:
    enum class status : std::uint8_t {
        need_input,   // everything was used, save up to 6 bytes of a header
        output_full,  // call again with the rest of the input (which may be empty)
        malformed     // close; nothing behind this can be trusted
    };
    struct step {
        status what;
        std::size_t consumed;
    };

    explicit frame_codec(compression_choice choice);
    ~frame_codec();
    frame_codec(const frame_codec&) = delete;
    frame_codec& operator=(const frame_codec&) = delete;

    /// Appends at most `max_output` (at least 1) bytes to `out`.
    step read(Bytes input, std::string& out, std::size_t max_output);

    /// Appends frames with all of `plain`; what is short or does not shrink is stored. False: the library
    /// failed, and the connection cannot go on.
    bool append(std::string& out, Bytes plain, compression_workspace& workspace);

    /// Is the next frame, if its header is here, the first of a new command (id 0)? Ids go on from side to
    /// side until then, so a relay that answers pipelined commands reads it only when the answer before it is
    /// written: else that answer has the wrong ids.
    bool begins_command(Bytes input) const { return !in_frame_ && input.size() > 3 && input[3] == 0; }

    static constexpr std::size_t min_compressed = 50;           // shorter is stored, as servers do
    static constexpr std::size_t max_plain_frame = 128 * 1024;  // bounds what one call holds in memory

private:
    class unpacker;
    class zlib_unpacker;
    class zstd_unpacker;

    bool begin_frame(Bytes header);
    std::optional<std::size_t> read_payload(Bytes input, std::string& out, std::size_t max_output);
    std::optional<std::size_t> unpack(Bytes input, std::string& out, std::size_t max_output);
    std::unique_ptr<unpacker> make_unpacker() const;

    compression_choice choice_;
    std::string scratch_;
    std::unique_ptr<unpacker> unpacker_;  // only inside a compressed frame
    std::size_t packed_left_ = 0;
    std::size_t plain_left_ = 0;
    std::uint8_t sequence_ = 0;  // of the next frame, whoever sends it
    bool in_frame_ = false;
    bool broken_ = false;
};

}  // namespace fairlead::proxy::mysql

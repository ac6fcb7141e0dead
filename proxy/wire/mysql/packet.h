#pragma once

#include "common/bytes.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Framing (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html): three bytes
/// of length, one of sequence, then the payload. A message whose payload has 0xffffff bytes or more goes in
/// several packets; the last one is shorter than that, so it may be empty. Stateless or one thread; safe on
/// any bytes.
namespace fairlead::proxy::mysql {

inline constexpr std::size_t packet_header_size = 4;
inline constexpr std::uint32_t max_packet_payload = 0xffffff;

struct packet_header {
    std::uint32_t length = 0;  // of the payload
    std::uint8_t sequence = 0;
    std::size_t total() const { return packet_header_size + length; }
    /// The message goes on in the next packet.
    bool continues() const { return length == max_packet_payload; }
};

/// nullopt: fewer than four bytes are there. There is no malformed header.
inline std::optional<packet_header> read_packet_header(Bytes input) {
    if (input.size() < packet_header_size) return std::nullopt;
    auto length = static_cast<std::uint32_t>(input[0] | (input[1] << 8) | (input[2] << 16));
    return packet_header{length, input[3]};
}

/// A whole packet at the front of `input`, without its header. nullopt: not all of it is there yet.
struct whole_packet {
    packet_header header;
    Bytes payload;
};
inline std::optional<whole_packet> read_packet(Bytes input) {
    std::optional<packet_header> header = read_packet_header(input);
    if (!header || input.size() < header->total()) return std::nullopt;
    return whole_packet{*header, input.subspan(packet_header_size, header->length)};
}

/// A piece of a packet as it came: headers are never cut, payloads may be, at any byte.
struct packet_part {
    Bytes raw;   // header, if it begins the packet, and payload, adjacent in the input: for forwarding
    Bytes body;  // the payload in it
    packet_header header;
    bool begins_packet = false;
    bool begins_message = false;
    bool ends_packet = false;
    bool ends_message = false;
};

/// Follows packets and messages over input that is cut anywhere, without assembling anything.
class packet_stream {
public:
    /// Takes the next part off the front of `input`. nullopt: it is empty, or holds a piece of a header,
    /// which stays there for the next call.
    std::optional<packet_part> next(Bytes& input) {
        packet_part part;
        std::size_t skip = 0;
        if (remaining_ == 0 && !in_packet_) {
            std::optional<packet_header> header = read_packet_header(input);
            if (!header) return std::nullopt;
            header_ = *header;
            remaining_ = header->length;
            skip = packet_header_size;
            part.begins_packet = true;
            part.begins_message = !continued_;
        } else if (input.empty()) {
            return std::nullopt;
        }
        std::size_t size = std::min<std::size_t>(remaining_, input.size() - skip);
        part.header = header_;
        part.raw = input.first(skip + size);
        part.body = part.raw.subspan(skip);
        input = input.subspan(skip + size);
        remaining_ -= static_cast<std::uint32_t>(size);
        in_packet_ = remaining_ != 0;
        part.ends_packet = !in_packet_;
        part.ends_message = !in_packet_ && !header_.continues();
        if (part.ends_packet) continued_ = header_.continues();
        return part;
    }

    /// Between two messages: nothing of one has been taken that has not ended.
    bool at_message_border() const { return !in_packet_ && !continued_; }
    /// Of the payload of the packet begun, what is still to come.
    std::uint32_t remaining() const { return remaining_; }

private:
    packet_header header_;
    std::uint32_t remaining_ = 0;
    bool in_packet_ = false;
    bool continued_ = false;
};

inline void append_packet_header(std::string& out, std::uint32_t length, std::uint8_t sequence) {
    const char bytes[] = {static_cast<char>(length & 0xff), static_cast<char>((length >> 8) & 0xff),
                          static_cast<char>((length >> 16) & 0xff), static_cast<char>(sequence)};
    out.append(bytes, sizeof bytes);
}

/// Appends one message, in as many packets as it takes. `sequence` is that of the first packet and becomes
/// the one after the last; it wraps at 256.
inline void append_message(std::string& out, std::uint8_t& sequence, std::string_view payload) {
    std::size_t part;
    do {
        part = std::min<std::size_t>(payload.size(), max_packet_payload);
        append_packet_header(out, static_cast<std::uint32_t>(part), sequence++);
        out.append(payload.substr(0, part));
        payload.remove_prefix(part);
    } while (part == max_packet_payload);
}

/// Appends one message whose payload `write(std::string&)` appends in place. From 16 MB on it is split
/// afterwards, at the cost of a copy. `sequence` as for append_message.
template <typename Writer>
void append_packet(std::string& out, std::uint8_t& sequence, Writer&& write) {
    std::size_t begin = out.size();
    append_packet_header(out, 0, sequence);
    write(out);
    std::size_t length = out.size() - begin - packet_header_size;
    if (length >= max_packet_payload) {
        std::string payload = out.substr(begin + packet_header_size);
        out.resize(begin);
        return append_message(out, sequence, payload);
    }
    for (std::size_t i = 0; i < 3; ++i) out[begin + i] = static_cast<char>((length >> (8 * i)) & 0xff);
    ++sequence;
}

}  // namespace fairlead::proxy::mysql

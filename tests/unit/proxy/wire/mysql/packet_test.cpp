#include "proxy/wire/mysql/packet.h"

#include "proxy/wire/mysql/field.h"

#include <gtest/gtest.h>

namespace fairlead::proxy::mysql {
namespace {

using namespace std::string_view_literals;

TEST(mysql_field, numbers_come_back_as_they_were_written) {
    for (std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{250}, std::uint64_t{251}, std::uint64_t{65535},
          std::uint64_t{65536}, std::uint64_t{0xffffff}, std::uint64_t{0x1000000}, ~std::uint64_t{0}}) {
        std::string bytes;
        field_writer writer(bytes);
        writer.lenenc(value);
        writer.u24(0x030201);
        field_reader reader(as_bytes(bytes));
        EXPECT_EQ(reader.lenenc(), value);
        EXPECT_EQ(reader.u24(), 0x030201u);
        EXPECT_TRUE(reader.ok() && reader.at_end());
        for (std::size_t size = 0; size + 3 < bytes.size(); ++size) {
            field_reader cut(as_bytes(bytes).first(size));
            EXPECT_EQ(cut.lenenc(), std::nullopt) << value << " cut at " << size;
            EXPECT_FALSE(cut.ok());
        }
    }
}

TEST(mysql_field, lengths_beyond_the_payload_are_refused) {
    for (std::string_view bytes : {"\x05"
                                   "abcd"sv,
                                   "\xfc\xff\xff"
                                   "ab"sv,
                                   "\xfd\xff\xff\xff"
                                   "a"sv,
                                   "\xfe\xff\xff\xff\xff\xff\xff\xff\xff"
                                   "a"sv,
                                   "\xfb"sv, "\xff"sv, ""sv}) {
        field_reader reader(as_bytes(bytes));
        EXPECT_EQ(reader.lenenc_text(), std::nullopt);
        EXPECT_FALSE(reader.ok());
        EXPECT_EQ(reader.u8(), std::nullopt);
    }
}

TEST(mysql_packet, is_read_when_it_is_whole) {
    std::string bytes;
    std::uint8_t sequence = 255;
    append_message(bytes, sequence, "hello");
    EXPECT_EQ(sequence, 0);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(read_packet(as_bytes(bytes).first(size)));
    bytes += "more";
    auto packet = read_packet(as_bytes(bytes));
    ASSERT_TRUE(packet);
    EXPECT_EQ(as_text(packet->payload), "hello");
    EXPECT_EQ(packet->header.sequence, 255);
}

TEST(mysql_packet, a_writer_in_place_gives_the_same_bytes) {
    for (std::size_t size : {std::size_t{0}, std::size_t{70000}, std::size_t{max_packet_payload - 1},
                             std::size_t{max_packet_payload}, std::size_t{max_packet_payload + 1}}) {
        std::string payload(size, 'x');
        std::string by_message, in_place = "before";
        std::uint8_t a = 3, b = 3;
        append_message(by_message, a, payload);
        append_packet(in_place, b, [&](std::string& out) { out += payload; });
        EXPECT_TRUE("before" + by_message == in_place) << size;
        EXPECT_EQ(a, b);
    }
}

struct message_seen {
    std::string payload;
    int packets = 0;
    bool operator==(const message_seen&) const = default;
};

std::vector<message_seen> read_in_pieces(std::string_view bytes, std::size_t piece, std::string& forwarded) {
    packet_stream stream;
    std::vector<message_seen> seen;
    std::string buffer;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        buffer += bytes.substr(at, piece);
        Bytes input = as_bytes(buffer);
        while (auto part = stream.next(input)) {
            if (part->begins_message) seen.emplace_back();
            if (part->begins_packet) ++seen.back().packets;
            seen.back().payload += as_text(part->body);
            forwarded += as_text(part->raw);
            EXPECT_EQ(part->ends_message, stream.at_message_border());
        }
        EXPECT_LT(input.size(), packet_header_size);
        buffer.erase(0, buffer.size() - input.size());
    }
    EXPECT_TRUE(buffer.empty());
    return seen;
}

TEST(mysql_packet_stream, finds_messages_however_the_input_is_cut) {
    std::string bytes;
    std::uint8_t sequence = 0;
    for (std::string_view payload : {"one"sv, ""sv, "three and a bit"sv})
        append_message(bytes, sequence, payload);
    std::vector<message_seen> expected = {{"one", 1}, {"", 1}, {"three and a bit", 1}};
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        std::string forwarded;
        EXPECT_EQ(read_in_pieces(bytes, piece, forwarded), expected) << piece;
        EXPECT_EQ(forwarded, bytes);
    }
}

TEST(mysql_packet_stream, an_exact_multiple_of_16_megabytes_has_an_empty_tail) {
    for (std::size_t extra : {std::size_t{0}, std::size_t{1}}) {
        std::string bytes;
        std::uint8_t sequence = 0;
        append_message(bytes, sequence, std::string(max_packet_payload + extra, 'x'));
        EXPECT_EQ(sequence, 2);
        append_message(bytes, sequence, "next");
        EXPECT_EQ(bytes.size(), max_packet_payload + extra + 4 + 3 * packet_header_size);
        for (std::size_t piece : {std::size_t{1} << 14, std::size_t{1} << 22}) {
            std::string forwarded;
            auto seen = read_in_pieces(bytes, piece, forwarded);
            ASSERT_EQ(seen.size(), 2u);
            EXPECT_EQ(seen[0].packets, 2);
            EXPECT_EQ(seen[0].payload.size(), max_packet_payload + extra);
            EXPECT_EQ(seen[1].payload, "next");
            EXPECT_TRUE(forwarded == bytes);
        }
    }
}

}  // namespace
}  // namespace fairlead::proxy::mysql

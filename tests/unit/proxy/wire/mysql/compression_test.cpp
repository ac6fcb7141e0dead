#include "proxy/wire/mysql/compression.h"

#include "proxy/wire/mysql/field.h"

#include <gtest/gtest.h>

#include <random>
#include <zlib.h>

namespace fairlead::proxy::mysql {
namespace {

using status = frame_codec::status;

constexpr compression_choice by_zlib{compression_method::zlib, -1};

std::string text_of_size(std::size_t size) {
    std::string text;
    while (text.size() < size) text += "row " + std::to_string(text.size() * 7919 % 1000) + ", ";
    text.resize(size);
    return text;
}

std::string noise(std::size_t size) {
    std::minstd_rand random(7);
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    return bytes;
}

std::string frames_of(compression_choice choice, std::string_view plain) {
    compression_workspace workspace;
    frame_codec codec(choice);
    std::string out;
    EXPECT_TRUE(codec.append(out, as_bytes(plain), workspace));
    return out;
}

std::string frame(std::string_view payload, std::size_t plain_size, std::uint8_t sequence = 0) {
    std::string bytes;
    field_writer writer(bytes);
    writer.u24(static_cast<std::uint32_t>(payload.size()));
    writer.u8(sequence);
    writer.u24(static_cast<std::uint32_t>(plain_size));
    writer.raw(payload);
    return bytes;
}

/// What comes out when `bytes` come in pieces; nullopt: malformed.
std::optional<std::string> read_in_pieces(compression_method method, std::string_view bytes,
                                          std::size_t piece, std::size_t max_output) {
    frame_codec reader({method, 3});
    std::string buffer, out;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        buffer += bytes.substr(at, piece);
        for (;;) {
            std::size_t before = out.size();
            frame_codec::step step = reader.read(as_bytes(buffer), out, max_output);
            EXPECT_LE(out.size() - before, max_output);
            buffer.erase(0, step.consumed);
            if (step.what == status::malformed) return std::nullopt;
            if (step.what == status::need_input) break;
        }
        EXPECT_LT(buffer.size(), compressed_header_size);
    }
    return buffer.empty() ? std::optional(out) : std::nullopt;
}

TEST(mysql_compression, comes_back_at_every_level_and_cut) {
    std::vector<compression_choice> choices = {by_zlib};
    for (int level : {1, 3, 11, 19, 22}) choices.push_back({compression_method::zstd, level});
    for (compression_choice choice : choices)
        for (std::size_t size : {1u, 49u, 50u, 5000u, 400'000u}) {
            std::string plain = text_of_size(size);
            std::string bytes = frames_of(choice, plain);
            EXPECT_LT(bytes.size(), size < 5000 ? size + compressed_header_size + 1 : size / 2);
            for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, bytes.size()})
                EXPECT_EQ(read_in_pieces(choice.method, bytes, piece, piece == 1000 ? 13 : 70'000), plain)
                    << size << " by " << piece;
        }
}

TEST(mysql_compression, what_does_not_shrink_is_stored) {
    std::string bytes = frames_of(by_zlib, "short");
    EXPECT_EQ(bytes, frame("short", 0));
    std::string random = noise(1000);
    EXPECT_EQ(frames_of(by_zlib, random), frame(random, 0));
}

TEST(mysql_compression, choice_is_the_servers) {
    capability_set both = capability::compress | capability::zstd_compression;
    EXPECT_EQ(choose_compression(both, 5).method, compression_method::zlib);
    EXPECT_EQ(choose_compression(capability::zstd_compression, 22).level, 22);
    EXPECT_EQ(choose_compression(capability::zstd_compression, 23).level, 3);
    EXPECT_EQ(choose_compression(capability::zstd_compression, 0).level, 3);
    EXPECT_EQ(choose_compression(0, 5).method, compression_method::none);
}

TEST(mysql_compression, a_frame_must_hold_what_it_declares) {
    std::string plain = text_of_size(1000);
    for (compression_choice choice : {by_zlib, compression_choice{compression_method::zstd, 3}}) {
        std::string bytes = frames_of(choice, plain);
        std::string payload = bytes.substr(compressed_header_size);
        auto read = [&](std::string_view input) { return read_in_pieces(choice.method, input, 64, 512); };
        EXPECT_EQ(read(frame(payload, 1000)), plain);
        EXPECT_EQ(read(frame(payload, 999)), std::nullopt);
        EXPECT_EQ(read(frame(payload, 1)), std::nullopt);
        EXPECT_EQ(read(frame(payload, 1001)), std::nullopt);
        EXPECT_EQ(read(frame(payload + "x", 1000)), std::nullopt);
        EXPECT_EQ(read(frame(payload.substr(0, payload.size() - 1), 1000) + frame("next", 0, 1)),
                  std::nullopt);
        EXPECT_EQ(read(frame(noise(100), 1000)), std::nullopt);
        EXPECT_EQ(read(frame("", 1000)), std::nullopt);
        EXPECT_EQ(read(frame("", 0)), std::nullopt);
    }
}

TEST(mysql_compression, a_bomb_comes_out_as_slowly_as_it_is_asked_for) {
    std::string plain(0xffffff, '\0');
    std::string packed(compressBound(plain.size()), '\0');
    uLongf size = packed.size();
    ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                       reinterpret_cast<const Bytef*>(plain.data()), plain.size()),
              Z_OK);
    std::string bomb = frame(packed.substr(0, size), plain.size());
    ASSERT_LT(bomb.size(), 20'000u);
    frame_codec reader(by_zlib);
    std::string out;
    frame_codec::step step = reader.read(as_bytes(bomb), out, 1000);
    EXPECT_EQ(step.what, status::output_full);
    EXPECT_EQ(out.size(), 1000u);
    // One that declares less than it holds stops where it declares.
    std::string liar = frame(packed.substr(0, size), 2000);
    EXPECT_EQ(read_in_pieces(compression_method::zlib, liar, liar.size(), 1 << 20), std::nullopt);
}

TEST(mysql_compression, sequence_ids_ascend_or_begin_anew) {
    frame_codec reader(by_zlib);
    std::string out;
    auto read = [&](std::uint8_t sequence) {
        return reader.read(as_bytes(frame("a", 0, sequence)), out, 100).what;
    };
    EXPECT_EQ(read(0), status::need_input);
    EXPECT_EQ(read(1), status::need_input);
    compression_workspace workspace;
    std::string answer;
    ASSERT_TRUE(reader.append(answer, as_bytes("answer"), workspace));
    EXPECT_EQ(answer, frame("answer", 0, 2));
    EXPECT_EQ(read(3), status::need_input);  // as the data of LOCAL INFILE, behind our request
    EXPECT_TRUE(reader.begins_command(as_bytes(frame("a", 0, 0))));
    EXPECT_FALSE(reader.begins_command(as_bytes(frame("a", 0, 4))));
    EXPECT_EQ(read(0), status::need_input);
    EXPECT_EQ(read(2), status::malformed);
    EXPECT_EQ(read(0), status::malformed);  // once broken, always broken
}

}  // namespace
}  // namespace fairlead::proxy::mysql

#include "proxy/wire/mysql/compression.h"

#include "proxy/wire/mysql/field.h"

#include <algorithm>
#include <zlib.h>
#include <zstd.h>

namespace fairlead::proxy::mysql {
namespace {

constexpr int default_zstd_level = 3;
constexpr int max_zstd_level = 22;

}  // namespace

compression_choice choose_compression(capability_set agreed, std::uint8_t zstd_level) {
    if (has(agreed, capability::compress)) return {compression_method::zlib, Z_DEFAULT_COMPRESSION};
    if (!has(agreed, capability::zstd_compression)) return {};
    int level = zstd_level;
    return {compression_method::zstd, level >= 1 && level <= max_zstd_level ? level : default_zstd_level};
}

struct compression_workspace::libraries {
    z_stream zlib{};
    bool zlib_ready = false;
    ZSTD_CCtx* zstd = nullptr;

    ~libraries() {
        if (zlib_ready) deflateEnd(&zlib);
        ZSTD_freeCCtx(zstd);
    }

    bool deflate_all(Bytes plain, std::string& into) {
        if (!zlib_ready && deflateInit(&zlib, Z_DEFAULT_COMPRESSION) != Z_OK) return false;
        zlib_ready = true;
        if (deflateReset(&zlib) != Z_OK) return false;
        into.resize(deflateBound(&zlib, plain.size()));
        zlib.next_in = const_cast<Bytef*>(plain.data());  // the library only reads it
        zlib.avail_in = static_cast<uInt>(plain.size());
        zlib.next_out = reinterpret_cast<Bytef*>(into.data());
        zlib.avail_out = static_cast<uInt>(into.size());
        if (deflate(&zlib, Z_FINISH) != Z_STREAM_END) return false;
        into.resize(into.size() - zlib.avail_out);
        return true;
    }

    bool compress_all(int level, Bytes plain, std::string& into) {
        if (zstd == nullptr) zstd = ZSTD_createCCtx();
        if (zstd == nullptr) return false;
        into.resize(ZSTD_compressBound(plain.size()));
        std::size_t size =
            ZSTD_compressCCtx(zstd, into.data(), into.size(), plain.data(), plain.size(), level);
        if (ZSTD_isError(size) != 0) return false;
        into.resize(size);
        return true;
    }
};

compression_workspace::compression_workspace() : libraries_(std::make_unique<libraries>()) {}
compression_workspace::~compression_workspace() = default;

bool compression_workspace::compress(compression_choice choice, Bytes plain, std::string& into) {
    return choice.method == compression_method::zlib ? libraries_->deflate_all(plain, into)
                                                     : libraries_->compress_all(choice.level, plain, into);
}

bool frame_codec::append(std::string& out, Bytes plain, compression_workspace& workspace) {
    while (!plain.empty()) {
        Bytes part = plain.first(std::min(plain.size(), max_plain_frame));
        plain = plain.subspan(part.size());
        bool packed = part.size() >= min_compressed;
        if (packed && !workspace.compress(choice_, part, scratch_)) return false;
        packed = packed && scratch_.size() < part.size();
        std::string_view payload = packed ? std::string_view(scratch_) : as_text(part);
        field_writer writer(out);
        writer.u24(static_cast<std::uint32_t>(payload.size()));
        writer.u8(sequence_++);
        writer.u24(packed ? static_cast<std::uint32_t>(part.size()) : 0);
        writer.raw(payload);
    }
    return true;
}

/// One compressed payload, unpacked bit by bit.
class frame_codec::unpacker {
public:
    struct progress {
        std::size_t consumed = 0;
        std::size_t produced = 0;
        bool ended = false;
        bool failed = false;
    };
    virtual ~unpacker() = default;
    virtual progress run(Bytes input, std::span<char> output) = 0;
};

class frame_codec::zlib_unpacker final : public unpacker {
public:
    zlib_unpacker() { ready_ = inflateInit(&stream_) == Z_OK; }
    ~zlib_unpacker() override {
        if (ready_) inflateEnd(&stream_);
    }
    progress run(Bytes input, std::span<char> output) override {
        if (!ready_) return {.failed = true};
        stream_.next_in = const_cast<Bytef*>(input.data());  // the library only reads it
        stream_.avail_in = static_cast<uInt>(input.size());
        stream_.next_out = reinterpret_cast<Bytef*>(output.data());
        stream_.avail_out = static_cast<uInt>(output.size());
        int result = inflate(&stream_, Z_NO_FLUSH);
        progress made{input.size() - stream_.avail_in, output.size() - stream_.avail_out};
        made.ended = result == Z_STREAM_END;
        made.failed = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
        return made;
    }

private:
    z_stream stream_{};
    bool ready_ = false;
};

class frame_codec::zstd_unpacker final : public unpacker {
public:
    zstd_unpacker() : context_(ZSTD_createDCtx()) {
        // A frame holds at most 16 MB, so no honest one needs a larger window.
        if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, 24);
    }
    ~zstd_unpacker() override { ZSTD_freeDCtx(context_); }
    progress run(Bytes input, std::span<char> output) override {
        if (context_ == nullptr) return {.failed = true};
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        ZSTD_outBuffer out{output.data(), output.size(), 0};
        std::size_t result = ZSTD_decompressStream(context_, &out, &in);
        progress made{in.pos, out.pos};
        made.ended = result == 0;
        made.failed = ZSTD_isError(result) != 0;
        return made;
    }

private:
    ZSTD_DCtx* context_;
};

frame_codec::frame_codec(compression_choice choice) : choice_(choice) {}
frame_codec::~frame_codec() = default;

std::unique_ptr<frame_codec::unpacker> frame_codec::make_unpacker() const {
    if (choice_.method == compression_method::zstd) return std::make_unique<zstd_unpacker>();
    return std::make_unique<zlib_unpacker>();
}

frame_codec::step frame_codec::read(Bytes input, std::string& out, std::size_t max_output) {
    std::size_t consumed = 0;
    std::size_t limit = out.size() + max_output;
    while (!broken_) {
        Bytes rest = input.subspan(consumed);
        if (!in_frame_) {
            if (rest.size() < compressed_header_size) return {status::need_input, consumed};
            broken_ = !begin_frame(rest.first(compressed_header_size));
            consumed += compressed_header_size;
            continue;
        }
        if (out.size() == limit) return {status::output_full, consumed};
        if (rest.empty() && packed_left_ != 0) return {status::need_input, consumed};
        std::optional<std::size_t> used = read_payload(rest, out, limit - out.size());
        broken_ = !used;
        consumed += used.value_or(0);
    }
    return {status::malformed, consumed};
}

bool frame_codec::begin_frame(Bytes header) {
    field_reader reader(header);
    packed_left_ = *reader.u24();
    std::uint8_t sequence = *reader.u8();
    plain_left_ = *reader.u24();
    if (sequence != sequence_ && sequence != 0) return false;
    sequence_ = static_cast<std::uint8_t>(sequence + 1);
    // Nothing is an answer to nothing: an empty frame would be read for ever without a byte coming out.
    if (packed_left_ == 0) return false;
    if (plain_left_ != 0) unpacker_ = make_unpacker();
    in_frame_ = true;
    return true;
}

/// Uses up to all of `input` and appends up to `max_output` bytes. nullopt: malformed.
std::optional<std::size_t> frame_codec::read_payload(Bytes input, std::string& out, std::size_t max_output) {
    input = input.first(std::min(input.size(), packed_left_));
    if (unpacker_) return unpack(input, out, max_output);
    Bytes stored = input.first(std::min(input.size(), max_output));
    out += as_text(stored);
    packed_left_ -= stored.size();
    in_frame_ = packed_left_ != 0;
    return stored.size();
}

std::optional<std::size_t> frame_codec::unpack(Bytes input, std::string& out, std::size_t max_output) {
    constexpr std::size_t step_size = 64 * 1024;
    std::size_t before = out.size();
    std::size_t room = std::min({plain_left_, max_output, step_size});
    // At the end of what was declared one byte of room shows whether there is more.
    char beyond;
    std::span<char> output(&beyond, 1);
    if (room != 0) {
        out.resize(before + room);
        output = std::span<char>(out).subspan(before);
    }
    unpacker::progress made = unpacker_->run(input, output);
    if (room == 0 && made.produced != 0) return std::nullopt;
    out.resize(before + made.produced);
    plain_left_ -= made.produced;
    packed_left_ -= made.consumed;
    bool stuck = made.consumed == 0 && made.produced == 0 && !made.ended;
    if (made.failed || stuck) return std::nullopt;
    if (made.ended) {
        if (plain_left_ != 0 || packed_left_ != 0) return std::nullopt;
        unpacker_.reset();
        in_frame_ = false;
    }
    return made.consumed;
}

}  // namespace fairlead::proxy::mysql

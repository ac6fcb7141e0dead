#include "proxy/session/mysql/reply_reader.h"

#include "proxy/session/mysql/prepare_reply.h"
#include "proxy/wire/mysql/field.h"

#include <algorithm>

namespace fairlead::proxy::mysql {
namespace {

// Packets that are read as a whole: OK, ERR, file names, metadata of prepared statements.
constexpr std::uint32_t longest_whole_packet = 1 << 20;
// Of answers to questions of ours. SHOW WARNINGS has 64 rows unless somebody wanted more.
constexpr std::size_t most_kept_rows = 256;
constexpr std::uint32_t longest_kept_row = 64 << 10;
constexpr std::size_t longest_kept_metadata = 4 << 20;
constexpr std::uint8_t infile_header = 0xfb;

}  // namespace

server_step reply_reader::read(Bytes input, reply_stream& stream) {
    std::size_t consumed = 0;
    while (consumed < input.size()) {
        Bytes available = input.subspan(consumed);
        if (stream.remaining > 0) {
            auto take = static_cast<std::size_t>(std::min<std::uint64_t>(available.size(), stream.remaining));
            if (stream.forwarding) to_client_.slice(available.first(take));
            stream.remaining -= take;
            consumed += take;
            continue;
        }
        auto header = read_packet_header(available);
        if (!header) break;
        if (server_.expected.empty()) return {server_next::broken, consumed};  // it spoke unasked
        std::size_t there = std::min(available.size(), header->total());
        if (server_.reply.continued) {
            pass_packet(*header, available, stream);
            consumed += there;
            continue;
        }
        if (header->length == 0) return {server_next::broken, consumed};
        if (available.size() <= packet_header_size) break;
        outcome result = on_packet({*header, available, available[packet_header_size]}, stream);
        if (result == outcome::incomplete) break;
        if (result == outcome::broken) return {server_next::broken, consumed};
        consumed += there;
        if (result == outcome::release) return {server_next::release, consumed};
    }
    return {server_next::read_more, consumed};
}

reply_reader::outcome reply_reader::on_packet(const packet& p, reply_stream& stream) {
    switch (server_.reply.at) {
        case reply_progress::phase::first:
            return on_first(p, stream);
        case reply_progress::phase::columns:
            return on_column(p, stream);
        default:
            return on_row(p, stream);
    }
}

// The packet that says what kind of answer this is. The first byte means something only together with the
// command and the length.
reply_reader::outcome reply_reader::on_first(const packet& p, reply_stream& stream) {
    reply_kind kind = front().kind;
    if (kind == reply_kind::rows || kind == reply_kind::field_list) {
        server_.reply.at = reply_progress::phase::rows;
        return on_row(p, stream);
    }
    if (p.header.length > longest_whole_packet) return outcome::broken;
    if (!p.whole()) return outcome::incomplete;
    if (p.first == err_header) return on_error(p);
    if (front().early != nullptr && front().early->missed()) return outcome::broken;  // what did it run?
    if (kind == reply_kind::text) {
        pass(p, stream, for_client());
        ok_packet done;
        done.status = server_.status;
        return finish(&done);
    }
    if (kind == reply_kind::prepare) {
        auto head = parse_prepare_head(as_text(p.payload()));
        if (!head) return outcome::broken;
        server_.reply.kept.clear();
        keep_packet(server_.reply.kept, as_text(p.payload()));
        server_.reply.columns = std::uint64_t{head->columns} + head->parameters;
        server_.reply.at = reply_progress::phase::columns;
        return server_.reply.columns == 0 ? on_prepared() : outcome::go_on;
    }
    if (p.first == ok_header || (kind == reply_kind::simple && p.first == eof_header)) return on_ok(p);
    if (kind == reply_kind::simple) return outcome::broken;
    if (p.first == infile_header) return on_infile(p);
    auto count = field_reader(p.payload()).lenenc();
    if (!count || *count == 0 || *count > 0xffff) return outcome::broken;
    server_.reply.columns = *count;
    server_.reply.width = static_cast<std::size_t>(*count);
    server_.reply.rows = 0;
    server_.reply.kept_rows.clear();
    server_.reply.at = reply_progress::phase::columns;
    pass(p, stream, for_client());
    return outcome::go_on;
}

reply_reader::outcome reply_reader::on_column(const packet& p, reply_stream& stream) {
    reply_progress& reply = server_.reply;
    if (front().kind == reply_kind::prepare) {
        if (p.header.length > longest_whole_packet || reply.kept.size() > longest_kept_metadata)
            return outcome::broken;
        if (!p.whole()) return outcome::incomplete;
        keep_packet(reply.kept, as_text(p.payload()));
        return --reply.columns == 0 ? on_prepared() : outcome::go_on;
    }
    if (p.first == err_header) return p.whole() ? on_error(p) : outcome::incomplete;
    pass(p, stream, for_client());
    if (--reply.columns == 0) {
        reply.at = reply_progress::phase::rows;
        reply.eof_due = for_client() && !has(client_->capabilities_, capability::deprecate_eof);
    }
    return outcome::go_on;
}

reply_reader::outcome reply_reader::on_row(const packet& p, reply_stream& stream) {
    if (is_end_of_rows(p.first, p.header.length, capability::deprecate_eof)) {
        if (p.header.length > longest_whole_packet) return outcome::broken;
        return p.whole() ? on_end_of_rows(p) : outcome::incomplete;
    }
    if (p.first == err_header) {
        if (p.header.length > longest_whole_packet) return outcome::broken;
        return p.whole() ? on_error(p) : outcome::incomplete;
    }
    if (front().own()) return keep_row(p, stream);
    ++server_.reply.rows;
    if (server_.reply.eof_due) say_due_eof(p.header.sequence);
    pass(p, stream, for_client());
    return outcome::go_on;
}

reply_reader::outcome reply_reader::keep_row(const packet& p, reply_stream& stream) {
    bool keep = p.header.length <= longest_kept_row && server_.reply.kept_rows.size() < most_kept_rows;
    if (keep) {
        if (!p.whole()) return outcome::incomplete;
        auto row = parse_text_row(p.payload(), server_.reply.width);
        if (!row) return outcome::broken;
        server_.reply.kept_rows.push_back(std::move(*row));
    }
    pass(p, stream, false);
    return outcome::go_on;
}

std::uint8_t reply_reader::client_sequence(std::uint8_t sequence) {
    if (!std::exchange(server_.reply.started, true))
        server_.reply.shift = static_cast<std::uint8_t>(front().client_sequence - sequence);
    return static_cast<std::uint8_t>(sequence + server_.reply.shift);
}

// A packet whose content does not matter, or what there is of it; the rest goes the same way.
void reply_reader::pass(const packet& p, reply_stream& stream, bool forward) {
    stream.forwarding = forward;
    if (forward) (void)client_sequence(p.header.sequence);
    pass_packet(p.header, p.available, stream);
}

void reply_reader::pass_packet(const packet_header& header, Bytes available, reply_stream& stream) {
    std::size_t there = std::min(available.size(), header.total());
    stream.remaining = header.total() - there;
    server_.reply.continued = header.continues();
    if (!stream.forwarding) return;
    if (server_.reply.shift == 0) return to_client_.slice(available.first(there));
    to_client_.own([&](std::string& out) {
        append_packet_header(out, header.length,
                             static_cast<std::uint8_t>(header.sequence + server_.reply.shift));
    });
    to_client_.slice(available.subspan(packet_header_size, there - packet_header_size));
}

// What a client without `deprecate_eof` gets between columns and rows. Not behind the columns themselves:
// with a cursor the end that follows them is the only one.
void reply_reader::say_due_eof(std::uint8_t sequence) {
    server_.reply.eof_due = false;
    if (!for_client()) return;
    std::uint8_t next = client_sequence(sequence);
    eof_packet eof;
    // What the answer before said of its own results must not be said of these.
    constexpr std::uint16_t of_results = status::more_results | status::cursor_exists | status::last_row_sent;
    eof.status = server_.status & static_cast<std::uint16_t>(~of_results);
    to_client_.own([&](std::string& out) { append_eof(out, next, eof); });
    ++server_.reply.shift;
}

}  // namespace fairlead::proxy::mysql

#include "proxy/session/postgres/reply_reader.h"

#include <algorithm>
#include <vector>

namespace fairlead::proxy::postgres {
namespace {

// Errors and notices carry values, so they may be long; beyond this a server is not sane.
constexpr std::size_t longest_whole_message = 4 << 20;

bool needs_whole_message(char type) {
    switch (type) {
        case 'Z':
        case 'E':
        case 'C':
        case 'S':
        case '1':
        case '2':
        case '3':
        case 'n':
        case 'I':
        case 's':
        case 'A':
        case 'G':
        case 'W':
            return true;
        default:
            return false;
    }
}

bool streams(char type) {
    switch (type) {
        case 'D':
        case 'T':
        case 't':
        case 'N':
        case 'd':
        case 'c':
        case 'H':
        case 'V':
            return true;
        default:
            return false;
    }
}

std::string_view error_field(Bytes message, char wanted) {
    ByteReader reader(message.subspan(header_size));
    while (auto code = reader.u8()) {
        if (*code == 0) break;
        auto text = reader.cstring();
        if (!text) break;
        if (static_cast<char>(*code) == wanted) return *text;
    }
    return {};
}

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
        if (std::size_t length = context_answer(available); length > 0) {
            consumed += length;
            continue;
        }
        FrameHeader header;
        Decode decoded = read_header(available, header);
        if (decoded == Decode::need_more) break;
        if (decoded == Decode::malformed) return {server_next::broken, consumed};
        outcome result = message(header, available, stream);
        if (result == outcome::incomplete) break;
        if (result == outcome::broken) return {server_next::broken, consumed};
        consumed += std::min(available.size(), header.total());
        if (result == outcome::release) return {server_next::release, consumed};
    }
    return {server_next::read_more, consumed};
}

// What a server nearly always says to our Bind and Execute of the context, which stand in front of each
// transaction: the same bytes each time, so they are compared instead of read. Anything else goes the long
// way, and comes to the same. Returns how many bytes that was, or 0.
std::size_t reply_reader::context_answer(Bytes available) {
    using namespace std::string_view_literals;
    static constexpr std::string_view answer =
        "2\0\0\0\x04"               // BindComplete
        "D\0\0\0\x0b\0\1\0\0\0\1f"  // a row: set_config() gave a value
        "C\0\0\0\x0dSELECT 1\0"sv;
    if (server_.expected.size() < 2 || server_.expected.front().purpose != own_purpose::context) return 0;
    if (!front_is(reply_kind::bind) || !as_text(available).starts_with(answer)) return 0;
    server_.expected.pop_front();
    server_.expected.pop_front();
    server_.context_in_force = true;
    server_.rolled_back = server_.copy_in = false;
    flush_fakes();
    return answer.size();
}

reply_reader::outcome reply_reader::message(const FrameHeader& header, Bytes available,
                                            reply_stream& stream) {
    if (streams(header.type)) {
        start_stream(header, available, stream);
        return outcome::go_on;
    }
    if (!needs_whole_message(header.type) || header.total() > longest_whole_message) return outcome::broken;
    if (available.size() < header.total()) return outcome::incomplete;
    return whole_message(header, available.first(header.total()));
}

void reply_reader::start_stream(const FrameHeader& header, Bytes available, reply_stream& stream) {
    std::size_t take = std::min(available.size(), header.total());
    stream.forwarding = forwarding_now();
    stream.remaining = header.total() - take;
    if (stream.forwarding) to_client_.slice(available.first(take));
    if (header.type == 'T' && front_is(reply_kind::describe)) {
        server_.expected.pop_front();
        flush_fakes();
    }
}

reply_reader::outcome reply_reader::whole_message(const FrameHeader& header, Bytes message) {
    switch (header.type) {
        case 'Z':
            return on_ready(message);
        case 'E':
            return on_error(message);
        case 'C':
            return on_command_complete(message);
        case 'S':
            return on_parameter_status(message);
        case '1':
            return pop(reply_kind::parse, message);
        case '2':
            return pop(reply_kind::bind, message);
        case '3':
            return pop(reply_kind::close, message);
        case 'n':
            return pop(reply_kind::describe, message);
        case 's':
            return finish_execute(message);
        case 'I':
            if (front_is(reply_kind::execute)) return finish_execute(message);
            forward(message);
            return outcome::go_on;
        case 'A':
            // Only a client whose link is pinned for LISTEN may hear what its channel says.
            if (client_ != nullptr && client_->pinned()) to_client_.slice(message);
            return outcome::go_on;
        default:
            return on_copy_in(message);
    }
}

// An answer that ends one expected reply.
reply_reader::outcome reply_reader::pop(reply_kind kind, Bytes message) {
    if (!front_is(kind)) return outcome::broken;
    forward(message);
    const auto& effect = server_.expected.front().effect;
    if (effect != nullptr && effect->statement != nullptr) effect->statement->confirmed = true;
    if (server_.expected.front().unnamed) server_.unnamed_owner = *server_.expected.front().unnamed;
    server_.expected.pop_front();
    flush_fakes();
    return outcome::go_on;
}

reply_reader::outcome reply_reader::finish_execute(Bytes message) {
    if (!front_is(reply_kind::execute)) return outcome::broken;
    forward(message);
    expectation done = std::move(server_.expected.front());
    server_.expected.pop_front();
    if (done.purpose == own_purpose::context) server_.context_in_force = true;
    if (done.purpose == own_purpose::none && client_ != nullptr && done.effect && done.effect->verdict) {
        client_->apply_effect(*done.effect->verdict, &server_);
    }
    server_.copy_in = false;
    flush_fakes();
    return outcome::go_on;
}

reply_reader::outcome reply_reader::on_command_complete(Bytes message) {
    ByteReader reader(message.subspan(header_size));
    auto tag = reader.cstring();
    if (!tag) return outcome::broken;
    server_.rolled_back = *tag == "ROLLBACK";
    // The context ends with its transaction, also where no Sync comes between it and the next one. (ROLLBACK
    // TO leaves it, and then it is sent once more than needed.)
    if (server_.rolled_back || *tag == "COMMIT") server_.context_in_force = false;
    if (front_is(reply_kind::execute)) return finish_execute(message);
    if (!front_is(reply_kind::query)) return outcome::broken;
    server_.copy_in = false;
    forward(message);
    return outcome::go_on;
}

reply_reader::outcome reply_reader::on_parameter_status(Bytes message) {
    ByteReader reader(message.subspan(header_size));
    auto name = reader.cstring();
    auto value = reader.cstring();
    if (!value) return outcome::broken;
    server_.note_parameter(*name, *value);
    forward(message);
    return outcome::go_on;
}

reply_reader::outcome reply_reader::on_copy_in(Bytes message) {
    if (!front_is(reply_kind::execute) && !front_is(reply_kind::query)) return outcome::broken;
    forward(message);
    server_.copy_in = true;
    // Syncs that were sent right behind the Execute are ignored by a server in copy mode: nobody will answer
    // them.
    if (front_is(reply_kind::execute)) {
        server_.sent_since_sync = true;  // the transaction ends with the Sync behind the CopyDone
        // An answer of ours may stand between them.
        auto behind = std::remove_if(server_.expected.begin() + 1, server_.expected.end(),
                                     [](const expectation& e) { return e.kind == reply_kind::sync; });
        server_.expected.erase(behind, server_.expected.end());
    }
    return outcome::go_on;
}

reply_reader::outcome reply_reader::on_error(Bytes message) {
    std::string_view sqlstate = error_field(message, 'C');
    observer_.on_error(sqlstate, true);
    server_.error_in_segment = true;
    server_.copy_in = false;
    if (server_.expected.empty()) {  // nobody asked: the server is going away and says why
        if (client_ != nullptr) to_client_.slice(message);
        return outcome::go_on;
    }
    // A plan was made before a table changed; drop them all before anybody else meets one.
    if (sqlstate == "0A000" && error_field(message, 'R') == "RevalidateCachedQuery")
        server_.needs_full_reset = true;

    const expectation front = server_.expected.front();
    if (front.purpose == own_purpose::cleanup) return outcome::broken;
    if (front.kind == reply_kind::poison) {
        if (client_ != nullptr) to_client_.own(front.effect->bytes);
    } else if (client_ != nullptr) {
        to_client_.slice(message);  // also when it was ours that failed: the client's message shares its fate
    }
    if (front.purpose == own_purpose::settings) return outcome::broken;
    if (front.kind == reply_kind::query) {
        forget(front);
        return outcome::go_on;
    }
    if (front.kind != reply_kind::sync) skip_to_sync();
    return outcome::go_on;
}

// After an error in the extended protocol the server skips everything up to the next Sync, a simple Query
// included. If our own messages in front of a Query failed there is no Sync to come, so one is sent for it.
void reply_reader::skip_to_sync() {
    bool query_skipped = false;
    std::vector<statement_ptr> still_there;  // evicted, but the server skipped the Close
    while (!server_.expected.empty() && server_.expected.front().kind != reply_kind::sync) {
        const expectation& skipped = server_.expected.front();
        query_skipped |= skipped.kind == reply_kind::query;
        if (skipped.kind == reply_kind::close && skipped.effect != nullptr &&
            skipped.effect->statement != nullptr) {
            still_there.push_back(skipped.effect->statement);
        } else {
            forget(skipped);
        }
        server_.expected.pop_front();
    }
    // Last, since one of them may have been prepared again behind its Close, which was skipped as well.
    for (statement_ptr& statement : still_there) server_.prepared.add(std::move(statement));
    if (!query_skipped) {
        // No Sync was sent yet: what the client sends before it would never be answered, a Query included.
        bool unsynced = server_.expected.empty() && server_.sent_since_sync;
        if (client_ != nullptr && unsynced) client_->skip_until_sync_ = true;
        return;
    }
    to_server_.own([](std::string& out) { append_sync(out); });
    server_.expect(reply_kind::sync);
}

// A statement that was not prepared after all: neither the server's set nor the client's names may have it.
void reply_reader::forget(const expectation& skipped) {
    if (skipped.effect == nullptr || skipped.effect->statement == nullptr) return;
    server_.prepared.remove(skipped.effect->statement->id);
    if (client_ != nullptr && !skipped.effect->client_name.empty()) {
        client_->forget_statement(skipped.effect->client_name);
    }
}

reply_reader::outcome reply_reader::on_ready(Bytes message) {
    if (message.size() != header_size + 1) return outcome::broken;
    char status = static_cast<char>(message[header_size]);
    if (status != 'I' && status != 'T' && status != 'E') return outcome::broken;
    if (!front_is(reply_kind::sync) && !front_is(reply_kind::query)) return outcome::broken;

    expectation done = std::move(server_.expected.front());
    if (client_ != nullptr && !done.own()) to_client_.slice(message);
    server_.expected.pop_front();
    server_.status = status;
    if (done.kind == reply_kind::query) server_.unnamed_owner = 0;
    // Not by the Sync before it: nothing was sent behind the Query, so it is answered when all is.
    if (server_.expected.empty()) server_.simple_query = false;
    server_.copy_in = false;
    bool succeeded = !server_.error_in_segment;
    if (client_ != nullptr && succeeded && done.effect && done.effect->verdict) {
        client_->apply_effect(*done.effect->verdict, &server_);
    }
    end_segment();
    flush_fakes();
    // Settings were restored for a message that still waits: the link is about to be used.
    if (client_ != nullptr && done.own()) return outcome::go_on;
    return server_.idle() ? outcome::release : outcome::go_on;
}

void reply_reader::end_segment() {
    bool committed = !server_.error_in_segment && !server_.rolled_back;
    server_.error_in_segment = server_.rolled_back = false;
    if (server_.status == 'I') {
        server_.context_in_force = false;
        if (client_ != nullptr) client_->end_transaction(server_, committed);
    }
    if (client_ != nullptr && server_.expected.empty()) client_->covered_ = server_.context_in_force;
}

void reply_reader::flush_fakes() {
    while (front_is(reply_kind::fake)) {
        expectation fake = std::move(server_.expected.front());
        server_.expected.pop_front();
        if (client_ == nullptr) continue;
        to_client_.own(fake.effect->bytes);
        if (fake.effect->verdict) client_->apply_session_command(*fake.effect->verdict);
    }
}

}  // namespace fairlead::proxy::postgres
